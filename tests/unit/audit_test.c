#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "executor/cutover/audit.h"
#include "executor/cutover/fence.h"
#include "schemas/base/memory.h"

/* Adds a command given as words between blanks. */
static void take(struct audit_tail *tail, const char *words,
                 void (*taker)(struct audit_tail *tail, const struct redis_reply *command)) {
    struct redis_reply parts[8] = { 0 }, *pointers[8], command = { .type = REDIS_ARRAY };
    AUTO(string_free) char *copy = xstrdup(words);
    char *rest = NULL;
    for (char *word = strtok_r(copy, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
        parts[command.count] =
            (struct redis_reply){ .type = REDIS_STRING, .bytes = word, .length = strlen(word) };
        pointers[command.count] = &parts[command.count];
        command.count++;
    }
    command.elements = pointers;
    taker(tail, &command);
}

static void add(struct audit_tail *tail, const char *words) {
    take(tail, words, audit_tail_add);
}

static enum audit_verdict judge(const char *const *commands, const struct audit_counters *now,
                                int64_t version) {
    static const struct audit_counters at_fence = { .expired_keys = 10, .script_calls = 3 };
    AUTO(audit_tail_clear) struct audit_tail tail = { 0 };
    AUTO(string_free) char *why = NULL;
    for (; *commands; commands++)
        add(&tail, *commands);
    enum audit_verdict verdict = audit_judge(&tail, &at_fence, now, version, &why);
    assert_int_equal(why == NULL, verdict == AUDIT_CLEAN);
    return verdict;
}

static void what_a_fence_lets_through_is_clean(void **state) {
    (void)state;
    const struct audit_counters now = { .expired_keys = 13, .script_calls = 3 };
    const char *const commands[] = {
        "PING", "SELECT 0",   "PUBLISH c m",       "pfcount h", "SCRIPT LOAD x", "MULTI", "DEL a",
        "EXEC", "UNLINK b c", "REPLCONF GETACK *", NULL
    };
    assert_int_equal(judge(commands, &now, 700), AUDIT_CLEAN);
}

static void a_write_escaped(void **state) {
    (void)state;
    const struct audit_counters now = { .expired_keys = 13, .script_calls = 3 };
    const char *const set[] = { "PING", "SET k v", NULL }, *const inside[] = { "MULTI", "INCR n",
                                                                               "EXEC", NULL };
    assert_int_equal(judge(set, &now, 700), AUDIT_ESCAPED);
    assert_int_equal(judge(inside, &now, 700), AUDIT_ESCAPED);
}

static void deletions_are_explained_by_expiry_or_escaped(void **state) {
    (void)state;
    const struct audit_counters one = { .expired_keys = 11, .script_calls = 3 };
    const struct audit_counters client = { .expired_keys = 12, .del_calls = 1, .script_calls = 3 };
    const char *const two_keys[] = { "DEL a b", NULL }, *const one_key[] = { "DEL a", NULL };
    assert_int_equal(judge(one_key, &one, 700), AUDIT_CLEAN);
    assert_int_equal(judge(two_keys, &one, 700), AUDIT_ESCAPED);
    assert_int_equal(judge(one_key, &client, 700), AUDIT_ESCAPED);
}

/* GETDEL and an expiry in the past stand in the log as DEL, and in no counter of deletions. */
static void what_expired_before_the_span_explains_nothing_in_it(void **state) {
    (void)state;
    static const struct audit_counters at_fence = { .expired_keys = 10 },
                                       now = { .expired_keys = 12 };
    AUTO(audit_tail_clear) struct audit_tail tail = { 0 };
    AUTO(string_free) char *why = NULL;
    take(&tail, "DEL expired", audit_tail_pass);
    add(&tail, "DEL expired-later");
    assert_int_equal(audit_judge(&tail, &at_fence, &now, 700, &why), AUDIT_CLEAN);
    add(&tail, "DEL taken-by-getdel");
    assert_int_equal(audit_judge(&tail, &at_fence, &now, 700, &why), AUDIT_ESCAPED);
}

/* As Valkey 9.1 tells it: the fields but the last in an HDEL, and with the last one the key. */
static void a_hash_goes_with_its_last_field(void **state) {
    (void)state;
    const struct audit_counters three = { .expired_keys = 10,
                                          .expired_fields = 3,
                                          .script_calls = 3 };
    const struct audit_counters client = {
        .expired_keys = 10, .expired_fields = 3, .hdel_calls = 1, .script_calls = 3
    };
    const char *const whole[] = { "HDEL h a b", "DEL h", NULL };
    const char *const more[] = { "HDEL h a b", "DEL h", "DEL other", NULL };
    const char *const fields[] = { "HDEL h a b c d", NULL };
    assert_int_equal(judge(whole, &three, 900), AUDIT_CLEAN);
    assert_int_equal(judge(more, &three, 900), AUDIT_ESCAPED);
    assert_int_equal(judge(fields, &three, 900), AUDIT_ESCAPED);
    assert_int_equal(judge(whole, &client, 900), AUDIT_ESCAPED);
}

static void doubt_is_never_called_clean(void **state) {
    (void)state;
    const struct audit_counters restarted = { .expired_keys = 0, .script_calls = 3 };
    const struct audit_counters scripted = { .expired_keys = 10, .script_calls = 4 };
    const struct audit_counters same = { .expired_keys = 10, .script_calls = 3 };
    const char *const nothing[] = { "PING", NULL }, *const script[] = { "EVAL return 0", NULL };
    assert_int_equal(judge(nothing, &restarted, 700), AUDIT_INCONCLUSIVE);
    assert_int_equal(judge(nothing, &scripted, 500), AUDIT_INCONCLUSIVE);
    assert_int_equal(judge(nothing, &scripted, 700), AUDIT_CLEAN);
    assert_int_equal(judge(script, &same, 500), AUDIT_INCONCLUSIVE);
}

static void a_command_takes_its_bytes_in_the_log(void **state) {
    (void)state;
    AUTO(audit_tail_clear) struct audit_tail tail = { 0 };
    add(&tail, "PING");
    assert_int_equal(tail.bytes, strlen("*1\r\n$4\r\nPING\r\n"));
    add(&tail, "SET key 0123456789");
    assert_int_equal(tail.bytes,
                     strlen("*1\r\n$4\r\nPING\r\n") +
                         strlen("*3\r\n$3\r\nSET\r\n$3\r\nkey\r\n$10\r\n0123456789\r\n"));
}

static void counters_are_read_from_one_reply(void **state) {
    (void)state;
    static const char text[] = "run_id:abc\r\nexpired_keys:5\r\nevicted_keys:2\r\n"
                               "cmdstat_del:calls=7,usec=1,usec_per_call=0.14\r\n"
                               "cmdstat_eval:calls=2,usec=9\r\ncmdstat_evalsha:calls=1,usec=9\r\n";
    AUTO(server_info_clear) struct server_info server = { 0 };
    AUTO(audit_counters_clear) struct audit_counters counters = { 0 };
    server_info_parse(text, sizeof text - 1, &server);
    audit_counters_read(&server, &counters);
    assert_string_equal(counters.run_id, "abc");
    assert_int_equal(counters.expired_keys, 5);
    assert_int_equal(counters.evicted_keys, 2);
    assert_int_equal(counters.del_calls, 7);
    assert_int_equal(counters.unlink_calls, 0);
    assert_int_equal(counters.script_calls, 3);
}

static void a_fence_is_told_from_a_setting_and_from_another_run(void **state) {
    (void)state;
    AUTO(string_free) char *one = fence_value("20261122T101500Z-3f9c");
    AUTO(string_free) char *other = fence_value("20261122T101500Z-3f9d");
    assert_true(fence_is_any(one));
    assert_true(strtoll(one, NULL, 10) < (int64_t)1 << 31);
    assert_string_not_equal(one, other);
    assert_false(fence_is_any("1"));
    assert_false(fence_is_any("0"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_fence_lets_through_is_clean),
        cmocka_unit_test(a_write_escaped),
        cmocka_unit_test(deletions_are_explained_by_expiry_or_escaped),
        cmocka_unit_test(what_expired_before_the_span_explains_nothing_in_it),
        cmocka_unit_test(a_hash_goes_with_its_last_field),
        cmocka_unit_test(doubt_is_never_called_clean),
        cmocka_unit_test(a_command_takes_its_bytes_in_the_log),
        cmocka_unit_test(counters_are_read_from_one_reply),
        cmocka_unit_test(a_fence_is_told_from_a_setting_and_from_another_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
