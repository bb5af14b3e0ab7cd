#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "executor/verify/dump.h"
#include "executor/verify/small_values.h"
#include "schemas/base/memory.h"
#include "schemas/base/text.h"

static const struct hash_key key = { 3, 4 };

/* Payloads as engines write them: type, value, version of the format (two bytes, low first),
 * checksum. 6.2 writes version 9, 7.0 version 10, 7.2 and Valkey 8 version 11, Redis 7.4 12. */
#define DUMP(body, version)                                                                        \
    body version "\x00"                                                                            \
                 "CHECKSUM"

struct payload {
    const char *bytes;
    size_t length;
};
#define PAYLOAD(literal) ((struct payload){ literal, sizeof(literal) - 1 })

static enum value_outcome compare(struct payload one, struct payload two, char *type) {
    const struct redis_token left = { REDIS_STRING, 0, one.bytes, one.length };
    const struct redis_token right = { REDIS_STRING, 0, two.bytes, two.length };
    return dump_compare(&key, &left, &right, type);
}

static void assert_compares(struct payload one, struct payload two, enum value_outcome outcome,
                            char expected) {
    char type;
    assert_int_equal(compare(one, two, &type), outcome);
    assert_int_equal(type, expected);
    assert_int_equal(compare(two, one, &type), outcome);
    assert_int_equal(type, expected);
}

static void the_version_of_the_format_does_not_count(void **state) {
    (void)state;
    assert_compares(PAYLOAD(DUMP("\x00\x05"
                                 "hello",
                                 "\x09")),
                    PAYLOAD(DUMP("\x00\x05"
                                 "hello",
                                 "\x0b")),
                    VALUE_EQUAL, 0);
    assert_compares(PAYLOAD(DUMP("\x00\x05"
                                 "hello",
                                 "\x0a")),
                    PAYLOAD(DUMP("\x00\x05"
                                 "hellp",
                                 "\x0a")),
                    VALUE_DOUBT, 0);
    assert_compares(PAYLOAD(DUMP("\x00\xc0\x7b", "\x0a")),
                    PAYLOAD(DUMP("\x00\x03"
                                 "123",
                                 "\x0a")),
                    VALUE_DOUBT, 0);
}

/* What 6.2 keeps in a ziplist, 7.0 keeps in a listpack, and what 7.0 keeps in a hash table, 7.2 may
 * keep in a listpack: the elements have to be asked for. */
static void other_encodings_are_asked_for_by_their_elements(void **state) {
    (void)state;
    const struct {
        struct payload one, two;
        char type;
    } pairs[] = {
        { PAYLOAD(DUMP("\x0d\x15\x15\x00\x00\x00\x12\x00\x00\x00\x02\x00\x00\x01"
                       "a\x03\x01"
                       "b\xff",
                       "\x09")),
          PAYLOAD(DUMP("\x10\x0d\x0d\x00\x00\x00\x02\x00\x81"
                       "a\x02\x81"
                       "b\x02\xff",
                       "\x0a")),
          'h' },
        { PAYLOAD(DUMP("\x0c\x15ziplist", "\x09")), PAYLOAD(DUMP("\x11\x0dlistpack", "\x0a")),
          'z' },
        { PAYLOAD(DUMP("\x0e\x01\x0fziplist", "\x09")),
          PAYLOAD(DUMP("\x12\x01\x02\x0blistpack", "\x0b")), 'l' },
        { PAYLOAD(DUMP("\x02\x01\x01"
                       "a",
                       "\x0a")),
          PAYLOAD(DUMP("\x14\x0a\x0a\x00\x00\x00\x01\x00\x81"
                       "a\x02\xff",
                       "\x0b")),
          's' },
        { PAYLOAD(DUMP("\x0b\x08intset..", "\x0a")), PAYLOAD(DUMP("\x14\x08listpack", "\x0b")),
          's' },
        { PAYLOAD(DUMP("\x0f\x01stream", "\x09")), PAYLOAD(DUMP("\x13\x01stream", "\x0a")), 0 },
        { PAYLOAD(DUMP("\x0f\x01stream", "\x09")), PAYLOAD(DUMP("\x15\x01stream", "\x0b")), 0 },
        { PAYLOAD(DUMP("\x10\x01hash", "\x0a")), PAYLOAD(DUMP("\x12\x01list", "\x0a")), 0 },
        { PAYLOAD(DUMP("\x18\x01hash of 7.4 with field expiry", "\x0c")),
          PAYLOAD(DUMP("\x10\x01hash", "\x0c")), 0 },
        { PAYLOAD(DUMP("\x07\x01module", "\x0a")), PAYLOAD(DUMP("\x07\x01modulf", "\x0a")), 0 },
    };
    for (size_t i = 0; i < COUNT(pairs); i++)
        assert_compares(pairs[i].one, pairs[i].two, VALUE_DOUBT, pairs[i].type);
}

static void hash_tables_are_equal_in_any_order(void **state) {
    (void)state;
    assert_compares(PAYLOAD(DUMP("\x02\x02\x01"
                                 "a\x01"
                                 "b",
                                 "\x0a")),
                    PAYLOAD(DUMP("\x02\x02\x01"
                                 "b\x01"
                                 "a",
                                 "\x0b")),
                    VALUE_EQUAL, 0);
    assert_compares(PAYLOAD(DUMP("\x04\x02\x01"
                                 "a\xc0\x01\x01"
                                 "b\xc1\x01\x02",
                                 "\x0a")),
                    PAYLOAD(DUMP("\x04\x02\x01"
                                 "b\xc1\x01\x02\x01"
                                 "a\xc0\x01",
                                 "\x0a")),
                    VALUE_EQUAL, 0);
    assert_compares(PAYLOAD(DUMP("\x04\x02\x01"
                                 "a\x01"
                                 "1\x01"
                                 "b\x01"
                                 "2",
                                 "\x0a")),
                    PAYLOAD(DUMP("\x04\x02\x01"
                                 "a\x01"
                                 "2\x01"
                                 "b\x01"
                                 "1",
                                 "\x0a")),
                    VALUE_DOUBT, 'h');
    assert_compares(PAYLOAD(DUMP("\x05\x02\x01"
                                 "aSCORE--1\x01"
                                 "bSCORE--2",
                                 "\x0a")),
                    PAYLOAD(DUMP("\x05\x02\x01"
                                 "bSCORE--2\x01"
                                 "aSCORE--1",
                                 "\x0a")),
                    VALUE_EQUAL, 0);
    assert_compares(PAYLOAD(DUMP("\x05\x02\x01"
                                 "aSCORE--1\x01"
                                 "bSCORE--2",
                                 "\x0a")),
                    PAYLOAD(DUMP("\x05\x02\x01"
                                 "bSCORE--1\x01"
                                 "aSCORE--2",
                                 "\x0a")),
                    VALUE_DOUBT, 'z');
}

static void what_is_cut_off_or_goes_on_has_no_digest(void **state) {
    (void)state;
    struct key_digest digest;
    const struct payload whole = PAYLOAD(DUMP("\x02\x02\xc3\x04\x07"
                                              "LZF!\x40\x01"
                                              "b",
                                              "\x0a"));
    assert_true(dump_digest(&key, whole.bytes, whole.length, &digest));
    assert_int_equal(digest.count, 2);
    for (size_t cut = 1; cut < whole.length; cut++)
        assert_false(dump_digest(&key, whole.bytes + cut, whole.length - cut, &digest) &&
                     digest.count == 2);
    for (size_t length = 0; length < whole.length; length++)
        assert_false(dump_digest(&key, whole.bytes, length, &digest));
    const struct payload longer = PAYLOAD(DUMP("\x02\x01\x01"
                                               "a"
                                               "b",
                                               "\x0a"));
    assert_false(dump_digest(&key, longer.bytes, longer.length, &digest));
}

static uint64_t next(uint64_t *seed) {
    *seed = *seed * 6364136223846793005 + 1442695040888963407;
    return *seed >> 33;
}

#define ROUNDS 100000 /* for each type */
#define ELEMENTS 6

struct value {
    uint64_t parts[ELEMENTS][2];
    size_t count;
};

static void put_string(struct text *out, uint64_t value) {
    text_addf(out, "%c", (int)(1 + value % 8));
    text_add_bytes(out, (const char *)&value, 1 + value % 8);
}

static void put(struct text *out, char type, const struct value *value, size_t first) {
    text_clear(out);
    *out = (struct text){ 0 };
    text_add_char(out, type);
    text_add_char(out, (char)value->count);
    for (size_t i = 0; i < value->count; i++) {
        const uint64_t *parts = value->parts[(first + i) % value->count];
        put_string(out, parts[0]);
        if (type == 4)
            put_string(out, parts[1]);
        else if (type == 5)
            text_add_bytes(out, (const char *)&parts[1], sizeof parts[1]);
    }
    text_add_bytes(out, "\x0a\0CHECKSUM", 10);
}

static struct key_digest digest_of(const struct text *payload) {
    struct key_digest digest;
    assert_true(dump_digest(&key, payload->bytes, payload->length, &digest));
    return digest;
}

static void assert_property(char type, uint64_t *seed) {
    AUTO(text_clear) struct text one = { 0 };
    AUTO(text_clear) struct text two = { 0 };
    struct value value = { .count = 1 + next(seed) % ELEMENTS };
    for (size_t i = 0; i < value.count; i++) {
        value.parts[i][0] = next(seed) << 20 | i << 3;
        value.parts[i][1] = next(seed);
    }
    put(&one, type, &value, 0);
    put(&two, type, &value, next(seed) % value.count);
    struct key_digest left = digest_of(&one), right = digest_of(&two);
    assert_true(key_digest_equal(&left, &right));
    size_t element = next(seed) % value.count, part = type == 2 ? 0 : next(seed) % 2;
    uint64_t bits = type == 5 && part == 1 ? 64 : 8 + 8 * (value.parts[element][part] % 8);
    value.parts[element][part] ^= (uint64_t)1 << (3 + next(seed) % (bits - 3));
    put(&two, type, &value, next(seed) % value.count);
    right = digest_of(&two);
    assert_false(key_digest_equal(&left, &right));
}

static void the_order_does_not_count_and_any_change_does(void **state) {
    (void)state;
    uint64_t seed = 11;
    for (const char *type = "\x02\x04\x05"; *type; type++)
        for (int i = 0; i < ROUNDS; i++)
            assert_property(*type, &seed);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_version_of_the_format_does_not_count),
        cmocka_unit_test(other_encodings_are_asked_for_by_their_elements),
        cmocka_unit_test(hash_tables_are_equal_in_any_order),
        cmocka_unit_test(what_is_cut_off_or_goes_on_has_no_digest),
        cmocka_unit_test(the_order_does_not_count_and_any_change_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
