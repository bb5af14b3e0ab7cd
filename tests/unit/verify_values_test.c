#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "executor/verify/compare.h"
#include "tests/support/values.h"

/* The canonical digest as values come from servers, element by element: random values of each type,
 * each read three times out of answers as a server would give them: as it is, in another order, in
 * other chunks and other words, and with one single change. */
#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifdef SANITIZED
#define ROUNDS 10000 /* a tenth, because it takes ten times as long */
#else
#define ROUNDS 100000 /* for each type */
#endif
#define LONG_EVERY 1000 /* strings of several chunks among the short ones */

static struct key_state read_value(const struct value *value, const struct manner *manner) {
    static const struct read_rules rules = { .hash_key = { 5, 6 },
                                             .expiry_is_absolute = true,
                                             .stream_counters = true };
    static const struct verify_key key = { .bytes = NULL };
    struct key_read read;
    key_read_init(&read, &key, &rules);
    while (!read.done) {
        struct redis_reply *answers[3] = { NULL, NULL, NULL };
        const char *refusal = NULL;
        read.asked_count = manner->chunks ? 1 + value_random(3) : ELEMENTS + 1;
        size_t count = value_tell(value, &read, manner, answers);
        assert_true(key_read_accept(&read, answers, count, &refusal));
    }
    struct key_state state = key_state_of(&read);
    key_read_clear(&read);
    assert_int_equal(state.kind, value->kind);
    assert_false(state.torn);
    return state;
}

static struct manner any_manner(size_t count) {
    struct manner manner = { .chunks = value_random(2),
                             .shortest = value_random(2),
                             .newer = value_random(2) };
    for (size_t i = 0; i < count; i++)
        manner.order[i] = i;
    for (size_t i = 0; i + 1 < count; i++) {
        size_t other = i + value_random(count - i), swapped = manner.order[i];
        manner.order[i] = manner.order[other];
        manner.order[other] = swapped;
    }
    return manner;
}

/* The first part tells the elements apart: bits 3 to 5 are the index, in the byte that counts. */
static struct value any_value(enum key_kind kind, char *whole, int round) {
    struct value value = { .kind = kind,
                           .count = kind == KEY_STRING ? 1 : 1 + value_random(ELEMENTS - 1) };
    value.expire_at_ms = value_random(4) ? -1 : (int64_t)(1700000000000 + value_random(1 << 30));
    for (size_t i = 0; i < value.count; i++) {
        value.parts[i][0] = (value_random(UINT32_MAX) << 6 | i << 3) + value_random(8);
        value.parts[i][1] = value_random(UINT32_MAX) << 31 | value_random(UINT32_MAX);
        value.parts[i][2] = (i ? value.parts[i - 1][2] : 0) + 1 + value_random(150);
    }
    value.last = value.parts[value.count - 1][2] + value_random(5);
    value.added = value.count + value_random(5);
    value.deleted = value_random(5);
    for (size_t i = 0; i < COUNT(value.group); i++)
        value.group[i] = value_random(1 << 30);
    value.group[3] = value_random(4) ? value.group[3] : 0;
    value.delivered_count = 1 + (int64_t)value_random(5);
    if (kind == KEY_STRING && round % LONG_EVERY == 0) {
        memset(whole, (int)value_random(256), LONG_BYTES);
        value.whole = whole;
    }
    return value;
}

/* Of the bytes that count, the lengths staying as they are: never the three lowest bits. */
static void flip(uint64_t *part) {
    uint64_t bits = 8 * value_length(*part);
    *part ^= UINT64_C(1) << (3 + value_random(bits - 3));
}

static void change_stream(struct value *value, size_t at) {
    uint64_t *const counters[] = { &value->last, &value->added, &value->deleted, &value->group[1] };
    switch (value_random(5)) {
    case 0:
        ++*counters[value_random(COUNT(counters))];
        break;
    case 1: /* the name of the group, or whose the entry is, since when */
        flip(&value->group[value->group[3] ? 2 * value_random(2) : 0]);
        break;
    case 2:
        value->group[3]++; /* another time, or one entry pending */
        break;
    case 3:
        if (value->group[3])
            value->delivered_count++;
        else
            value->last++;
        break;
    default:
        flip(&value->parts[at][value_random(2)]);
    }
}

static void change_list(struct value *value, size_t at) {
    uint64_t copy = value->parts[at][0];
    if (at == 0) {
        flip(&value->parts[at][0]);
        return;
    }
    value->parts[at][0] = value->parts[at - 1][0];
    value->parts[at - 1][0] = copy;
}

/* Exactly one thing is another. */
static void change(struct value *value, char *whole) {
    size_t at = value_random(value->count), kind = value_random(8);
    if (kind == 0) {
        value->expire_at_ms = value->expire_at_ms < 0 ? 1700000000000 : value->expire_at_ms + 1;
    } else if (value->whole) {
        whole[value_random(LONG_BYTES)] ^= (char)(1 << value_random(8));
    } else if (kind == 1 && value->count > 1 && value->kind != KEY_STRING) {
        value->count--; /* one less */
    } else if (value->kind == KEY_STREAM) {
        change_stream(value, at);
    } else if (value->kind == KEY_LIST && kind < 5) {
        change_list(value, at);
    } else if (value->kind == KEY_SORTED_SET && kind < 5) {
        value->parts[at][1] ^= 1; /* a unit in the last place */
    } else if (value->kind == KEY_HASH && kind < 5) {
        flip(&value->parts[at][1]);
    } else {
        flip(&value->parts[at][0]);
    }
}

static void assert_property_of(enum key_kind kind) {
    static char whole[LONG_BYTES];
    for (int round = 0; round < ROUNDS; round++) {
        struct value value = any_value(kind, whole, round);
        struct manner one = any_manner(value.count), two = any_manner(value.count);
        struct key_state state = read_value(&value, &one);
        struct key_state again = read_value(&value, &two);
        if (!key_state_same(&state, &again, 0))
            fail_msg("an equal %s of round %d has another digest", value_types[kind], round);
        change(&value, whole);
        two = any_manner(value.count);
        again = read_value(&value, &two);
        if (key_state_same(&state, &again, 0))
            fail_msg("a changed %s of round %d has the same digest", value_types[kind], round);
    }
}

#define PROPERTY_OF(name, kind)                                                                    \
    static void name(void **state) {                                                               \
        (void)state;                                                                               \
        assert_property_of(kind);                                                                  \
    }
PROPERTY_OF(strings_are_told_apart_and_nothing_else, KEY_STRING)
PROPERTY_OF(lists_are_told_apart_and_nothing_else, KEY_LIST)
PROPERTY_OF(sets_are_told_apart_and_nothing_else, KEY_SET)
PROPERTY_OF(sorted_sets_are_told_apart_and_nothing_else, KEY_SORTED_SET)
PROPERTY_OF(hashes_are_told_apart_and_nothing_else, KEY_HASH)
PROPERTY_OF(streams_are_told_apart_and_nothing_else, KEY_STREAM)

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(strings_are_told_apart_and_nothing_else),
        cmocka_unit_test(lists_are_told_apart_and_nothing_else),
        cmocka_unit_test(sets_are_told_apart_and_nothing_else),
        cmocka_unit_test(sorted_sets_are_told_apart_and_nothing_else),
        cmocka_unit_test(hashes_are_told_apart_and_nothing_else),
        cmocka_unit_test(streams_are_told_apart_and_nothing_else),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
