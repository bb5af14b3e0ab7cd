/* Bytes of a server to replies: hiredis' reader, building struct redis_reply, with limits. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "providers/redis/redis.h"

#define READER_LINE_CEILING_BYTES ((size_t)64 << 10)   /* a status or a fault */
#define READER_ELEMENT_CEILING_COUNT ((size_t)1 << 23) /* values in one reply, nested ones too */

struct reader;

/* The ceiling is of a reply: of what it takes in memory with what of it was not read yet. */
struct reader *reader_new(size_t reply_ceiling_bytes);
void reader_free(struct reader *reader);
AUTO_POINTER(struct reader, reader_free)

void reader_feed(struct reader *reader, const char *bytes, size_t length);
/* *out is NULL when the next reply has not come whole. ERROR_FORMAT (not the protocol), ERROR_LIMIT
 * (larger than the ceiling); a reader that failed stays failed. */
MUST_CHECK bool reader_next(struct reader *reader, struct redis_reply **out, struct error *err);
size_t reader_reply_bytes(const struct reader *reader); /* in memory, of the reply given last */
