/* The same question to many servers in one flight: the time is that of the slowest. All are asked,
 * even if some fail; the first failure is the error, with its server named. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "providers/redis/redis.h"
#include "schemas/base/error.h"
#include "schemas/base/language.h"

struct many {                        /* connections of others, in order */
    struct redis_connection **items; /* NULL: one that could not be made; it fails */
    size_t count;
};
struct many_replies { /* one for each server asked; NULL where it failed */
    struct redis_reply **items;
    size_t count;
};

void many_add(struct many *many, struct redis_connection *connection);
void many_clear(struct many *many);
AUTO_VALUE(struct many, many_clear)
void many_replies_clear(struct many_replies *replies);
AUTO_VALUE(struct many_replies, many_replies_clear)

/* Words end with NULL. A fault is a failure. `replies` holds what came, also on failure; NULL: it
 * is not wanted. */
MUST_CHECK bool many_call(const struct many *servers, int64_t deadline_mono_ms,
                          struct many_replies *replies, struct error *err, const char *word, ...)
    __attribute__((sentinel));
/* The same for what was queued before, one command on each. */
MUST_CHECK bool many_exchange(const struct many *servers, int64_t deadline_mono_ms,
                              struct many_replies *replies, struct error *err);
