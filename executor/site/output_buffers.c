#include "executor/site/output_buffers.h"

#include <stdlib.h>
#include <string.h>

#include "providers/redis/clients.h"
#include "schemas/base/language.h"

struct output_limit output_limit_read(const char *value) {
    struct output_limit limit = { 0 };
    const char *replica = strstr(value, "slave ");
    replica = replica ? replica : strstr(value, "replica ");
    replica = replica ? strpbrk(replica, "0123456789") : NULL;
    if (!replica)
        return limit;
    char *rest;
    limit.hard_bytes = strtoll(replica, &rest, 10);
    limit.soft_bytes = strtoll(rest, NULL, 10);
    return limit;
}

/* The word replica is known from 5.0 on, the other one by all. */
int64_t output_buffered(struct redis_connection *node) {
    AUTO(redis_reply_free) struct redis_reply *reply = NULL;
    AUTO(error_clear) struct error ignored = { 0 };
    AUTO(clients_clear) struct clients replicas = { 0 };
    int64_t most_bytes = 0;
    if (!redis_call(node, REDIS_NOW, &reply, &ignored, "CLIENT", "LIST", "TYPE", "slave", NULL))
        return 0;
    clients_read(reply, &replicas);
    for (size_t i = 0; i < replicas.count; i++)
        if (replicas.items[i].output_bytes > most_bytes)
            most_bytes = replicas.items[i].output_bytes;
    return most_bytes;
}

bool output_limit_holds(const struct output_limit *limit, int64_t held_bytes) {
    return (!limit->hard_bytes || held_bytes < limit->hard_bytes) &&
           (!limit->soft_bytes || held_bytes < limit->soft_bytes);
}
