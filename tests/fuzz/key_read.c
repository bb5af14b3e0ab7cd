#include <stddef.h>
#include <stdint.h>

#include "executor/verify/key_read.h"
#include "providers/redis/reader.h"

/* Three answers at a time, which is the most that is asked for at once. */
#define ANSWERS 3

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static bool next(struct reader *reader, struct redis_reply **out) {
    AUTO(error_clear) struct error err = { 0 };
    return reader_next(reader, out, &err) && *out;
}

/* The bytes are what a server answers while one key is read. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
    if (length == 0)
        return 0;
    const struct verify_key key = { .bytes = NULL };
    const struct read_rules rules = { .stream_counters = bytes[0] & 1 };
    struct key_read read;
    key_read_init(&read, &key, &rules);
    read.fields_expire = bytes[0] & 2;
    AUTO(reader_free) struct reader *reader = reader_new(1 << 20);
    reader_feed(reader, (const char *)bytes + 1, length - 1);
    while (!read.done) {
        AUTO(redis_reply_free) struct redis_reply *one = NULL;
        AUTO(redis_reply_free) struct redis_reply *two = NULL;
        AUTO(redis_reply_free) struct redis_reply *three = NULL;
        if (!next(reader, &one) || !next(reader, &two) || !next(reader, &three))
            break;
        struct redis_reply *answers[ANSWERS] = { one, two, three };
        const char *refusal = NULL;
        (void)!key_read_accept(&read, answers, ANSWERS, &refusal);
    }
    key_read_clear(&read);
    return 0;
}
