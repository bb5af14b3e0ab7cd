/* The fence: min-replicas-to-write far above any number of replicas refuses every write, on
 * primaries and on replicas once they are promoted, and stays when any process dies. Only the value
 * of this run is ours (schemas/observed/fence.h). */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "executor/site/many.h"
#include "providers/redis/redis.h"
#include "schemas/base/error.h"
#include "schemas/base/language.h"
#include "schemas/observed/fence.h"

#define FENCE_LAG "10" /* seconds, where the source had 0: the server would ignore the number */
#define FENCE_HOLD_VERSION 602 /* CLIENT PAUSE … WRITE */
#define FENCE_SCRIPTS_VERSION                                                                      \
    600 /* before it, scripts and queued transactions pass the setting                             \
         */

struct fence_values {
    const char *write_name, *lag_name; /* min-replicas-… or min-slaves-… before 5 */
    char *write, *lag;                 /* as they are now */
};
struct fence_list { /* as the servers that were asked */
    struct fence_values *items;
    size_t count;
};

/* Out of the reply to CONFIG GET min-*; false, and nothing set, where it does not have both. */
bool fence_values_read(const struct redis_reply *reply, struct fence_values *out);
void fence_values_clear(struct fence_values *values);
MUST_CHECK bool fence_read(const struct many *nodes, struct fence_list *out, struct error *err);
/* The same of as many as answer: false with the first failure, and NULL as `write` of each node
 * that did not say. */
MUST_CHECK bool fence_see(const struct many *nodes, struct fence_list *out, struct error *err);
/* With a lag limit of 0 the server does not look at the number at all. */
bool fence_stands(const struct fence_values *values, const char *fence);
void fence_list_clear(struct fence_list *list);
AUTO_VALUE(struct fence_list, fence_list_clear)

/* Sets and reads back on all; fine where it already stands. ERROR_BLOCKED, with none set, when
 * another run's stands on any. */
MUST_CHECK bool fence_set(const struct many *nodes, const char *value, struct error *err);
/* Puts the values from before back where our fence stands; leaves everything else alone. */
struct fence_before {
    const char *write, *lag;
};
MUST_CHECK bool fence_lift(const struct many *nodes, const char *value,
                           const struct fence_before *before, struct error *err);
/* Read back: ERROR_FAILED where our fence stands, also one that another process set again. */
MUST_CHECK bool fence_is_lifted(const struct many *nodes, const char *value, struct error *err);
/* Ends the ordinary connections (not ours, not replicas, not Sentinel's) once, by id: before 6.0
 * transactions queued before the fence die with them. */
MUST_CHECK bool fence_end_clients(struct redis_connection *node, int64_t *ended, struct error *err);
/* Ordinary connections, ours left out. */
MUST_CHECK bool fence_count_clients(struct redis_connection *node, int64_t *count,
                                    struct error *err);
