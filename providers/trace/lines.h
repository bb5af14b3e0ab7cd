/* The lines of a trace, made from what was seen. The caller frees them. */
#pragma once

#include <stdint.h>

#include "providers/elasticache/elasticache.h"
#include "providers/redis/redis.h"
#include "schemas/json/json.h"
#include "schemas/trace/aliases.h"

/* A line of the type, that many milliseconds after the header. */
struct json *line_new(const char *type, int64_t mono_ms, int64_t took_ms);
struct json *line_of_exchange(struct aliases *aliases, const struct service_exchange *exchange,
                              int64_t began_mono_ms);
struct json *line_of_reply(struct aliases *aliases, const struct redis_seen *seen,
                           int64_t began_mono_ms);
struct json *line_of_event(struct aliases *aliases, const struct json *event, int64_t mono_ms);
