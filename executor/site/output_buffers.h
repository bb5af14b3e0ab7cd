/* What waits on a server for its replicas, and the limit past which it disconnects one of them:
 * client-output-buffer-limit, of the class that CONFIG calls slave or replica. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "providers/redis/redis.h"

struct output_limit {
    int64_t hard_bytes, soft_bytes; /* 0: none */
};

/* From the value as CONFIG GET has it; no limit where it has no such class. */
struct output_limit output_limit_read(const char *value);
/* Of the replica, or the reader of the log, that is furthest behind; 0 where nobody tells. */
int64_t output_buffered(struct redis_connection *node);
bool output_limit_holds(const struct output_limit *limit, int64_t held_bytes);
