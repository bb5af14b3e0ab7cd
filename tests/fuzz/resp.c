#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "tests/support/decode.h"

#define CEILING_BYTES 4096

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static size_t size_of(const struct redis_reply *reply) {
    size_t size = sizeof *reply + reply->length;
    for (size_t i = 0; i < reply->count; i++)
        size += size_of(reply->elements[i]);
    return size;
}

/* The same bytes at once and in two pieces; nothing comes out that is above the ceiling. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
    AUTO(error_clear) struct error err = { 0 };
    AUTO(redis_reply_free) struct redis_reply *whole = NULL;
    AUTO(reader_free) struct reader *reader = reader_new(CEILING_BYTES);
    (void)!redis_decode(bytes, length, &whole, &err);
    error_clear(&err);
    for (size_t from = 0, to = length / 2;; from = to, to = length) {
        struct redis_reply *reply = NULL;
        reader_feed(reader, (const char *)bytes + from, to - from);
        while (reader_next(reader, &reply, &err) && reply) {
            if (size_of(reply) > CEILING_BYTES || size_of(reply) > reader_reply_bytes(reader))
                abort();
            redis_reply_free(reply);
            reply = NULL;
        }
        if (to == length || err.code != ERROR_NONE)
            return 0;
    }
}
