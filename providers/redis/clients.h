/* A server's connections: CLIENT LIST, a line each, and CLIENT INFO, one of them. Pure. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "providers/redis/redis.h"

struct client {
    int64_t id;             /* before 2.8.12 none: 0 */
    char *address;          /* HOST:PORT of the client; "" */
    char *name;             /* "" without one */
    char *user;             /* of the ACL, from 6.0 on; "" */
    char *command;          /* its last, "config|set" from 7.0 on and "config" before; "" */
    int64_t database;       /* that it has selected */
    int64_t protocol;       /* 3 for RESP 3, from 7.0 on; 0 */
    int64_t shard_channels; /* to which it has subscribed, from 7.0 on */
    char *arrived_at;       /* HOST:PORT of the server, from 6.2 on; "" */
    char *flags;            /* S a replica, M a primary, O MONITOR, N nothing */
    int64_t output_bytes;   /* that wait in its output list */
};

struct clients {
    struct client *items;
    size_t count;
};

/* Malformed lines are skipped. As many are kept as there are: to end a connection of an earlier
 * run, none may be overlooked. The reply's own bound is theirs. */
void clients_parse(const char *bytes, size_t length, struct clients *out);
void clients_read(const struct redis_reply *reply, struct clients *out);
/* Not a replica, a primary or a monitor, not a connection of ecmig and not a Sentinel's. */
bool client_is_ordinary(const struct client *client);
void clients_clear(struct clients *clients);
AUTO_VALUE(struct clients, clients_clear)
