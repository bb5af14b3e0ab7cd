/* The fence: min-replicas-to-write far above any number of replicas refuses every write, on
 * primaries and on replicas once they are promoted, and stays whoever dies. Only the value of this
 * run is ours: 2^30 plus 30 bits of the run's name, so that another run's fence is told apart. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "providers/redis/redis.h"
#include "schemas/base/error.h"
#include "schemas/base/language.h"

#define FENCE_HOLD_VERSION 602 /* CLIENT PAUSE … WRITE */
#define FENCE_SCRIPTS_VERSION                                                                      \
    600 /* before it, scripts and queued transactions pass the setting                             \
         */

struct fence_values {
    const char *write_name, *lag_name; /* min-replicas-… or min-slaves-… before 5 */
    char *write, *lag;                 /* as they are now */
};

MUST_CHECK bool fence_read(struct redis_connection *node, struct fence_values *out,
                           struct error *err);
void fence_values_clear(struct fence_values *values);
AUTO_VALUE(struct fence_values, fence_values_clear)

char *fence_value(const char *run);         /* the caller frees */
bool fence_is_any(const char *write_value); /* some run's fence, ours or not */
/* Sets and reads back; fine when it already stands. ERROR_BLOCKED when another run's stands. */
MUST_CHECK bool fence_set(struct redis_connection *node, const char *value, struct error *err);
/* Puts the values from before back where our fence stands; leaves everything else alone. */
MUST_CHECK bool fence_lift(struct redis_connection *node, const char *value,
                           const char *write_before, const char *lag_before, struct error *err);
MUST_CHECK bool fence_stands(struct redis_connection *node, const char *value, bool *stands,
                             struct error *err);
/* Ends the ordinary connections (not ours, not replicas, not Sentinel's) once, by id: before 6.0
 * transactions queued before the fence die with them. */
MUST_CHECK bool fence_end_clients(struct redis_connection *node, int64_t *ended, struct error *err);
/* Ordinary connections, ours left out. */
MUST_CHECK bool fence_count_clients(struct redis_connection *node, int64_t *count,
                                    struct error *err);
