#include "executor/cutover/fence.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "executor/site/orders.h"
#include "providers/redis/clients.h"
#include "providers/redis/server.h"
#include "schemas/base/digest.h"
#include "schemas/base/memory.h"

/* The value of the first of these names in a CONFIG GET reply; NULL when it has neither. */
static const char *find(const struct redis_reply *reply, const char *const names[2],
                        const char **name) {
    for (size_t n = 0; n < 2; n++) {
        *name = names[n];
        const char *value = server_setting(reply, *name);
        if (value)
            return value;
    }
    return NULL;
}

bool fence_values_read(const struct redis_reply *reply, struct fence_values *out) {
    static const char *const write_names[] = { "min-replicas-to-write", "min-slaves-to-write" };
    static const char *const lag_names[] = { "min-replicas-max-lag", "min-slaves-max-lag" };
    const char *write = find(reply, write_names, &out->write_name);
    const char *lag = find(reply, lag_names, &out->lag_name);
    if (!write || !lag)
        return false;
    out->write = xstrdup(write);
    out->lag = xstrdup(lag);
    return true;
}

bool fence_see(const struct many *nodes, struct fence_list *out, struct error *err) {
    AUTO(many_replies_clear) struct many_replies replies = { 0 };
    AUTO(fence_list_clear) struct fence_list made = { 0 };
    bool fine = many_call(nodes, REDIS_NOW, &replies, err, "CONFIG", "GET", "min-*", NULL);
    for (size_t i = 0; i < nodes->count; i++) {
        struct fence_values *values = LIST_ADD(&made);
        if (replies.items[i] && !fence_values_read(replies.items[i], values) && fine)
            fine = error_set(err, ERROR_NOT_FOUND, "'%s' does not return the fence's settings",
                             redis_name(nodes->items[i]));
    }
    fence_list_clear(out);
    *out = MOVE(made);
    return fine;
}

bool fence_read(const struct many *nodes, struct fence_list *out, struct error *err) {
    AUTO(fence_list_clear) struct fence_list made = { 0 };
    if (!fence_see(nodes, &made, err))
        return false;
    fence_list_clear(out);
    *out = MOVE(made);
    return true;
}

bool fence_stands(const struct fence_values *values, const char *fence) {
    return values->write && strcmp(values->write, fence) == 0 && strcmp(values->lag, "0") != 0;
}

void fence_values_clear(struct fence_values *values) {
    free(values->write);
    free(values->lag);
    *values = (struct fence_values){ 0 };
}

void fence_list_clear(struct fence_list *list) {
    if (!list)
        return;
    LIST_CLEAR(list, fence_values_clear);
}

static bool all_stand(const struct many *nodes, const char *value, struct error *err) {
    AUTO(fence_list_clear) struct fence_list now = { 0 };
    if (!fence_read(nodes, &now, err))
        return false;
    for (size_t i = 0; i < now.count; i++)
        if (strcmp(now.items[i].write, value) != 0)
            return error_set(err, ERROR_FAILED, "'%s' reads %s after the fence was set to %s",
                             redis_name(nodes->items[i]), now.items[i].write, value);
    return true;
}

static bool set(const struct many *nodes, const char *value, struct error *err) {
    AUTO(fence_list_clear) struct fence_list now = { 0 };
    AUTO(orders_clear) struct orders limits = { 0 }, fences = { 0 };
    if (!fence_read(nodes, &now, err))
        return false;
    for (size_t i = 0; i < nodes->count; i++) {
        const struct fence_values *values = &now.items[i];
        bool ours = strcmp(values->write, value) == 0;
        if (fence_is_any(values->write) && !ours)
            return error_set(err, ERROR_BLOCKED, "'%s' carries the fence of another run (%s)",
                             redis_name(nodes->items[i]), values->write);
        /* With a lag limit of 0 the server would not look at the number at all. */
        if (strcmp(values->lag, "0") == 0)
            orders_add(&limits, nodes->items[i], values->lag_name, FENCE_LAG);
        if (!ours)
            orders_add(&fences, nodes->items[i], values->write_name, value);
    }
    return orders_send(&limits, err) && orders_send(&fences, err) && all_stand(nodes, value, err);
}

bool fence_set(const struct many *nodes, const char *value, struct error *err) {
    return !nodes->count || set(nodes, value, err) || error_wrap(err, "fence");
}

bool fence_lift(const struct many *nodes, const char *value, const struct fence_before *before,
                struct error *err) {
    AUTO(fence_list_clear) struct fence_list now = { 0 };
    AUTO(orders_clear) struct orders writes = { 0 }, lags = { 0 };
    if (!nodes->count)
        return true;
    if (!fence_read(nodes, &now, err))
        return false;
    for (size_t i = 0; i < nodes->count; i++) {
        const struct fence_values *values = &now.items[i];
        bool ours = strcmp(values->write, value) == 0;
        /* Of a process that died between the two. */
        bool half = !ours && strcmp(values->write, before[i].write) == 0 &&
                    strcmp(values->lag, FENCE_LAG) == 0;
        if (ours)
            orders_add(&writes, nodes->items[i], values->write_name, before[i].write);
        if ((ours || half) && strcmp(values->lag, before[i].lag) != 0)
            orders_add(&lags, nodes->items[i], values->lag_name, before[i].lag);
    }
    return (orders_send(&writes, err) && orders_send(&lags, err)) ||
           error_wrap(err, "lifting the fence");
}

bool fence_is_lifted(const struct many *nodes, const char *value, struct error *err) {
    AUTO(fence_list_clear) struct fence_list now = { 0 };
    if (nodes->count && !fence_read(nodes, &now, err))
        return false;
    for (size_t i = 0; i < now.count; i++) {
        if (strcmp(now.items[i].write, value) != 0)
            continue;
        error_set(err, ERROR_FAILED, "'%s' carries the fence after it was lifted",
                  redis_name(nodes->items[i]));
        return error_hint(err, "stop what sets %s there, then run the same command again",
                          now.items[i].write_name);
    }
    return true;
}

static bool each_client(struct redis_connection *node, bool end, int64_t *count,
                        struct error *err) {
    AUTO(redis_reply_free) struct redis_reply *list = NULL;
    AUTO(clients_clear) struct clients clients = { 0 };
    if (!redis_call(node, REDIS_NOW, &list, err, "CLIENT", "LIST", NULL))
        return false;
    clients_read(list, &clients);
    *count = 0;
    for (size_t i = 0; i < clients.count; i++) {
        AUTO(string_free) char *id = xasprintf("%" PRId64, clients.items[i].id);
        AUTO(redis_reply_free) struct redis_reply *reply = NULL;
        if (!client_is_ordinary(&clients.items[i]))
            continue;
        if (end && !redis_call(node, REDIS_NOW, &reply, err, "CLIENT", "KILL", "ID", id, NULL))
            return false;
        ++*count;
    }
    return true;
}

bool fence_end_clients(struct redis_connection *node, int64_t *ended, struct error *err) {
    return each_client(node, true, ended, err);
}

bool fence_count_clients(struct redis_connection *node, int64_t *count, struct error *err) {
    return each_client(node, false, count, err);
}
