/* What a Sentinel says of the primary that it watches under a name. Pure readers of its replies;
 * the answers of several make one topology only when they agree. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "providers/redis/redis.h"
#include "providers/redis/topology.h"
#include "schemas/base/strings.h"

struct sentinel_view {
    char *primary;           /* HOST:PORT */
    bool down, failing_over; /* the primary; a failover is under way */
    struct strings replicas; /* HOST:PORT, sorted: those that it reaches */
    struct strings lost;     /* HOST:PORT, sorted: those that it does not */
    struct strings others;   /* HOST:PORT, sorted: the other Sentinels that it knows */
    int64_t quorum;
    char *no_quorum; /* why there are too few Sentinels for a failover, else NULL */
};

/* The questions, and their answers in the same order. ERROR_NOT_FOUND: nothing of that name. */
void sentinel_queue(struct redis_connection *connection, const char *name);
MUST_CHECK bool sentinel_take(struct redis_connection *connection, const char *name,
                              struct sentinel_view *out, struct error *err);
/* To SENTINEL MASTER, SLAVES, SENTINELS and CKQUORUM. */
struct sentinel_replies {
    const struct redis_reply *primary, *replicas, *others, *quorum;
};
MUST_CHECK bool sentinel_view_read(const struct sentinel_replies *replies, const char *name,
                                   struct sentinel_view *out, struct error *err);
void sentinel_view_clear(struct sentinel_view *view);
AUTO_VALUE(struct sentinel_view, sentinel_view_clear)

/* The one shard that they agree on: the primary that all of them name, none during a failover or
 * with the primary down, and every replica that one of them reaches, less those of `not` (which may
 * be NULL). ERROR_CONFLICT. */
MUST_CHECK bool topology_of_sentinels(const struct sentinel_view *views, size_t count,
                                      const struct strings * not, struct topology *out,
                                      struct error *err);
