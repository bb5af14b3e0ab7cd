/* One reply out of bytes that are at hand. */
#pragma once

#include "providers/redis/reader.h"

/* The first reply in the bytes; *out is NULL when they end before it does. */
MUST_CHECK static inline bool redis_decode(const void *bytes, size_t length,
                                           struct redis_reply **out, struct error *err) {
    AUTO(reader_free) struct reader *reader = reader_new(REDIS_CEILING_BYTES);
    reader_feed(reader, bytes, length);
    return reader_next(reader, out, err);
}
