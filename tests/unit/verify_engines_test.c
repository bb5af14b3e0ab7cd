#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "executor/verify/compare.h"
#include "providers/redis/reader.h"

/* What engines answer while one key is read, and whether the typed path sees the same value in it.
 * A space parts the tokens, in their order: *N arrays, :N numbers, -nil, anything else a string. */
#define STRING_ROOM 4096

static void feed_token(struct reader *reader, const char *token, size_t length) {
    char bytes[STRING_ROOM];
    int written =
        token[0] == '*' || token[0] == ':'
            ? snprintf(bytes, sizeof bytes, "%.*s\r\n", (int)length, token)
            : snprintf(bytes, sizeof bytes, "$%zu\r\n%.*s\r\n", length, (int)length, token);
    reader_feed(reader, bytes, (size_t)written);
}

static struct redis_reply *next_reply(struct reader *reader) {
    AUTO(error_clear) struct error err = { 0 };
    struct redis_reply *reply = NULL;
    assert_true(reader_next(reader, &reply, &err));
    assert_non_null(reply);
    return reply;
}

static bool fields_expire; /* whether the server knows HPEXPIRETIME */

/* `counts`: how many answers each stage takes, 0 at the end. */
static struct key_state read_key(const struct read_rules *rules, const char *answers,
                                 const size_t *counts) {
    const struct verify_key key = { .bytes = NULL };
    struct key_read read;
    AUTO(reader_free) struct reader *reader = reader_new(1 << 20);
    key_read_init(&read, &key, rules);
    read.fields_expire = fields_expire;
    while (*answers) {
        size_t length = strcspn(answers, " ");
        feed_token(reader, answers, length);
        answers += length + (answers[length] == ' ');
    }
    for (; *counts; counts++) {
        struct redis_reply *replies[3] = { NULL, NULL, NULL };
        const char *refusal = NULL;
        assert_false(read.done);
        for (size_t i = 0; i < *counts; i++)
            replies[i] = next_reply(reader);
        assert_true(key_read_accept(&read, replies, *counts, &refusal));
        for (size_t i = 0; i < *counts; i++)
            redis_reply_free(replies[i]);
    }
    assert_true(read.done);
    struct key_state state = key_state_of(&read);
    assert_false(state.torn);
    key_read_clear(&read);
    return state;
}

#define HEAD_OF_6_2                                                                                \
    "stream :-1 *14 length :2 radix-tree-keys :1 radix-tree-nodes :2 last-generated-id 1-2 "       \
    "groups :1 "                                                                                   \
    "first-entry *2 1-1 *2 a b last-entry *2 1-2 *2 a c "                                          \
    "*1 *8 name g consumers :1 pending :1 last-delivered-id 1-1 "
#define HEAD_OF_7_0                                                                                \
    "stream :-1 *20 length :2 radix-tree-keys :1 radix-tree-nodes :2 last-generated-id 1-2 "       \
    "max-deleted-entry-id 0-0 entries-added :2 recorded-first-entry-id 1-1 groups :1 "             \
    "first-entry *2 1-1 *2 a b last-entry *2 1-2 *2 a c "                                          \
    "*1 *12 name g consumers :1 pending :1 last-delivered-id 1-1 entries-read :1 lag :1 "
/* 7.2, and Valkey: what nobody knows is nil. */
#define HEAD_OF_7_2                                                                                \
    "stream :-1 *20 length :2 radix-tree-keys :1 radix-tree-nodes :2 last-generated-id 1-2 "       \
    "max-deleted-entry-id 0-0 entries-added :2 recorded-first-entry-id 1-1 groups :1 "             \
    "first-entry *2 1-1 *2 a b last-entry *2 1-2 *2 a c "                                          \
    "*1 *12 name g consumers :1 pending :1 last-delivered-id 1-1 entries-read -nil lag -nil "
#define ENTRIES "*2 *2 1-1 *2 a b *2 1-2 *2 a c "
/* The entry was delivered at 1700000000.000, whatever the clock says. */
#define PENDING(owner, microseconds, idle, count)                                                  \
    "*2 1700000060 " microseconds " *1 *4 1-1 " owner " :" idle " :" count                         \
    " *2 1700000060 " microseconds

static const size_t stream_answers[] = { 2, 2, 1, 3, 0 };

static void streams_are_the_same_as_every_engine_tells_them(void **state) {
    (void)state;
    const struct read_rules before_7 = { .stream_counters = false };
    const struct read_rules since_7 = { .stream_counters = true };
    struct key_state one = read_key(
        &before_7, HEAD_OF_6_2 ENTRIES PENDING("one", "1999", "60001", "1"), stream_answers);
    struct key_state two = read_key(
        &before_7, HEAD_OF_7_0 ENTRIES PENDING("one", "7000", "60007", "1"), stream_answers);
    assert_int_equal(one.kind, KEY_STREAM);
    assert_true(key_state_same(&one, &two, 0));
    one = read_key(&since_7, HEAD_OF_7_0 ENTRIES PENDING("one", "0", "60000", "1"), stream_answers);
    two = read_key(&since_7, HEAD_OF_7_2 ENTRIES PENDING("one", "0", "60000", "1"), stream_answers);
    assert_true(key_state_same(&one, &two, 0));
    static const char *const others[] = {
        HEAD_OF_7_0 ENTRIES PENDING("two", "0", "60000", "1"),
        HEAD_OF_7_0 ENTRIES PENDING("one", "0", "60001", "1"),
        HEAD_OF_7_0 ENTRIES PENDING("one", "0", "60000", "2"),
    };
    for (size_t i = 0; i < COUNT(others); i++) {
        two = read_key(&since_7, others[i], stream_answers);
        assert_false(key_state_same(&one, &two, 0));
    }
}

/* Between the two there is no telling when it was. */
static void pending_entries_are_asked_again_when_the_clock_went_on(void **state) {
    (void)state;
    const struct read_rules rules = { .stream_counters = true };
    const size_t answers[] = { 2, 2, 1, 3, 3, 0 };
    struct key_state one =
        read_key(&rules, HEAD_OF_7_0 ENTRIES PENDING("one", "0", "60000", "1"), stream_answers);
    struct key_state two =
        read_key(&rules,
                 HEAD_OF_7_0 ENTRIES
                 "*2 1700000060 3999 *1 *4 1-1 one :60004 :1 *2 1700000060 4000 " PENDING(
                     "one", "5000", "60005", "1"),
                 answers);
    assert_true(key_state_same(&one, &two, 0));
}

/* Redis 7.4, Valkey 9. */
static void fields_are_the_same_with_their_own_expiry(void **state) {
    (void)state;
    const struct read_rules rules = { .stream_counters = true };
    const size_t plain[] = { 2, 1, 0 }, asked[] = { 2, 1, 1, 0 },
                 chunks[] = { 2, 1, 1, 1, 1, 1, 0 };
    struct key_state one = read_key(&rules, "hash :-1 *2 0 *4 a 1 b 2", plain);
    fields_expire = true;
    struct key_state two = read_key(&rules, "hash :-1 *2 0 *4 b 2 a 1 *2 :-1 :-1", asked);
    assert_true(key_state_same(&one, &two, 0));
    one = read_key(&rules, "hash :-1 *2 0 *4 b 2 a 1 *2 :4102444800000 :-1", asked);
    assert_false(key_state_same(&one, &two, 0));
    two = read_key(&rules, "hash :-1 *2 0 *4 a 1 b 2 *2 :4102444800000 :-1", asked);
    assert_false(key_state_same(&one, &two, 0));
    two = read_key(&rules, "hash :-1 *2 7 *2 a 1 *1 :-1 *2 0 *2 b 2 *1 :4102444800000 :2", chunks);
    assert_true(key_state_same(&one, &two, 0));
    /* All of them have expired, and one server has removed the hash while the other is about to. */
    const size_t nothing[] = { 2, 0 };
    one = read_key(&rules, "none :-2", nothing);
    two = read_key(&rules, "hash :-1 *2 0 *0", plain);
    assert_true(key_state_same(&one, &two, 0));
    fields_expire = false;
}

static void scores_are_the_same_double_in_every_text(void **state) {
    (void)state;
    const struct read_rules rules = { .stream_counters = true };
    const size_t answers[] = { 2, 1, 0 };
    struct key_state one = read_key(
        &rules, "zset :-1 *2 0 *6 a 0.10000000000000001 b inf c 3.0000000000000001e-05", answers);
    struct key_state two = read_key(&rules, "zset :-1 *2 0 *6 c 3e-5 b inf a 0.1", answers);
    assert_int_equal(one.kind, KEY_SORTED_SET);
    assert_true(key_state_same(&one, &two, 0));
    two = read_key(&rules, "zset :-1 *2 0 *6 c 3e-5 b inf a 0.10000000000000002", answers);
    assert_false(key_state_same(&one, &two, 0));
}

static void a_type_of_a_module_is_never_equal(void **state) {
    (void)state;
    const struct read_rules rules = { .stream_counters = true };
    const size_t answers[] = { 2, 0 };
    struct key_state one = read_key(&rules, "ReJSON-RL :-1", answers);
    assert_int_equal(one.kind, KEY_OTHER);
    assert_false(key_state_same(&one, &one, 0));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(streams_are_the_same_as_every_engine_tells_them),
        cmocka_unit_test(pending_entries_are_asked_again_when_the_clock_went_on),
        cmocka_unit_test(fields_are_the_same_with_their_own_expiry),
        cmocka_unit_test(scores_are_the_same_double_in_every_text),
        cmocka_unit_test(a_type_of_a_module_is_never_equal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
