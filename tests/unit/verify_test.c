#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "executor/verify/snapshot.h"
#include "schemas/base/clock.h"
#include "schemas/base/memory.h"
#include "tests/support/servers.h"

static void assert_verdict(const struct verify_result *result, enum verify_verdict verdict) {
    AUTO(string_free) char *line = verify_result_line(result);
    for (size_t i = 0; i < result->hot.count; i++)
        print_message("hot: %s\n", result->hot.items[i].bytes);
    if (result->verdict != verdict)
        fail_msg("expected %s: %s", verify_verdict_names[verdict], line);
}

static void fill(struct redis_connection *connection) {
    for (int i = 0; i < 300; i++) {
        char key[32], value[32];
        (void)snprintf(key, sizeof key, "key:%d", i);
        (void)snprintf(value, sizeof value, "value %d", i);
        redis_queue_words(connection, "SET", key, value, NULL);
    }
    for (int i = 0; i < 5000; i++) {
        char number[32];
        (void)snprintf(number, sizeof number, "%d-member-with-some-length", i);
        redis_queue_words(connection, "SADD", "big:set", number, NULL);
        redis_queue_words(connection, "HSET", "big:hash", number, "v", NULL);
        redis_queue_words(connection, "ZADD", "big:zset", i % 2 ? "0.1" : "-1e300", number, NULL);
        redis_queue_words(connection, "RPUSH", "big:list", number, NULL);
        redis_queue_words(connection, "XADD", "big:stream", "*", "f", number, NULL);
    }
    redis_queue_words(connection, "SETRANGE", "big:string", "600000", "end", NULL);
    size_t count = 300 + 25000 + 1;
    redis_exchange(&connection, 1, clock_mono_ms() + 60000);
    for (size_t i = 0; i < count; i++) {
        AUTO(error_clear) struct error err = { 0 };
        AUTO(redis_reply_free) struct redis_reply *reply = NULL;
        assert_true(redis_take(connection, &reply, &err));
        assert_true(reply->type != REDIS_FAULT);
    }
}

static const char *const base[] = {
    "RPUSH f:truncated a b c d e",
    "RPUSH f:order a b c d",
    "SET f:lost-ttl v PXAT 4102444800000",
    "SET f:ttl v PXAT 4102444800000",
    "SET f:missing v",
    "SET f:empty ",
    "SET f:byte 0123456789",
    "HSET f:hash a 1 b 2",
    "SADD f:set a b c",
    "ZADD f:score 0.1 a inf b -inf c",
    "XADD f:group 1-1 a b",
    "XGROUP CREATE f:group g 0",
    "XADD f:owner 1-1 a b",
    "XADD f:owner 1-2 a b",
    "XGROUP CREATE f:owner g 0",
    "XREADGROUP GROUP g one COUNT 2 STREAMS f:owner >",
    "SET f:elsewhere v",
    "SET f:type v",
    "SELECT 9",
    "SET other v",
    "HSET other:hash a b",
    "SELECT 0",
};

#define FAULT_COMMANDS 3
/* What goes wrong on the target, one after the other, and what is then found more. */
static const struct fault {
    const char *commands[FAULT_COMMANDS];
    struct verify_kinds found;
} faults[] = {
    { { "LTRIM f:truncated 0 2" }, { .value = 1 } },
    { { "LSET f:order 0 b", "LSET f:order 1 a" }, { .value = 1 } },
    { { "PERSIST f:lost-ttl" }, { .expiry = 1 } },
    { { "PEXPIREAT f:ttl 4102444800001" }, { .expiry = 1 } },
    { { "DEL f:missing" }, { .missing = 1 } },
    { { "SET f:extra v" }, { .extra = 1 } },
    { { "DEL f:empty" }, { .missing = 1 } },
    { { "SETRANGE f:byte 5 x" }, { .value = 1 } },
    { { "HSET f:hash b 3" }, { .value = 1 } },
    { { "SREM f:set b", "SADD f:set z" }, { .value = 1 } },
    { { "ZADD f:score 0.10000000000000002 a" }, { .value = 1 } },
    { { "XGROUP DESTROY f:group g" }, { .value = 1 } },
    { { "XCLAIM f:owner g two 0 1-2 JUSTID" }, { .value = 1 } },
    { { "MOVE f:elsewhere 5" }, { .missing = 1, .extra = 1 } },
    { { "DEL f:type", "RPUSH f:type v" }, { .type = 1 } },
    { { "SREM big:set 4999-member-with-some-length", "SADD big:set another" }, { .value = 1 } },
    { { "HSET big:hash 2500-member-with-some-length w" }, { .value = 1 } },
    { { "ZADD big:zset 0.10000000000000002 4999-member-with-some-length" }, { .value = 1 } },
    { { "LSET big:list 4999 x" }, { .value = 1 } },
    { { "XADD big:stream * f x" }, { .value = 1 } },
    { { "SETRANGE big:string 400000 x" }, { .value = 1 } },
    { { "SELECT 9", "HSET other:hash a c", "SELECT 0" }, { .value = 1 } },
};

static void add_kinds(struct verify_kinds *sum, const struct verify_kinds *more) {
    sum->missing += more->missing;
    sum->extra += more->extra;
    sum->type += more->type;
    sum->value += more->value;
    sum->expiry += more->expiry;
    sum->functions += more->functions;
}

static void assert_all_is_equal(const struct servers *pair, bool detached) {
    AUTO(verify_result_clear)
    struct verify_result sampled = servers_compare(pair, VERIFY_SAMPLE, 100000, detached);
    assert_verdict(&sampled, VERDICT_EQUAL);
    assert_int_equal(sampled.keys_compared, sampled.keys_equal);
    assert_true(sampled.keys_equal > 300);
    assert_string_equal(sampled.bound, "no key was left out");
    AUTO(verify_result_clear)
    struct verify_result full = servers_compare(pair, VERIFY_FULL, 0, detached);
    assert_verdict(&full, VERDICT_EQUAL);
    assert_int_equal(full.keys_compared, sampled.keys_compared);
    assert_int_equal(full.keys_equal, sampled.keys_compared);
    assert_true(full.keys_equal_at_once > 300 && full.keys_equal_at_once < full.keys_equal);
}

static void assert_found(const struct servers *pair, enum config_verify_mode mode, bool detached,
                         const struct verify_kinds *expected, const char *last) {
    AUTO(verify_result_clear)
    struct verify_result result = servers_compare(pair, mode, 100000, detached);
    assert_verdict(&result, VERDICT_MISMATCH);
    if (memcmp(&result.kinds, expected, sizeof *expected) != 0)
        fail_msg("'%s' is not found alone", last);
    assert_null(result.bound);
    assert_int_equal(result.keys_hot, 0);
    assert_int_equal(result.mismatched.count, result.mismatches.count);
}

static void assert_faults_are_found(const struct servers *pair, bool detached) {
    assert_all_is_equal(pair, detached);
    struct verify_kinds expected = { 0 };
    for (size_t i = 0; i < COUNT(faults); i++) {
        for (size_t j = 0; j < FAULT_COMMANDS && faults[i].commands[j]; j++)
            server_do(pair->to_target, faults[i].commands[j]);
        add_kinds(&expected, &faults[i].found);
        assert_found(pair, VERIFY_SAMPLE, detached, &expected, faults[i].commands[0]);
        if (i % 7 == 0 || i == COUNT(faults) - 1)
            assert_found(pair, VERIFY_FULL, detached, &expected, faults[i].commands[0]);
    }
}

static void load_function(struct redis_connection *connection) {
    AUTO(error_clear) struct error err = { 0 };
    AUTO(redis_reply_free) struct redis_reply *reply = NULL;
    assert_true(redis_call(connection, REDIS_NOW, &reply, &err, "FUNCTION", "LOAD",
                           "#!lua name=lib\nredis.register_function('f', function() return 1 end)",
                           NULL));
}

static void fill_base(struct redis_connection *connection) {
    fill(connection);
    for (size_t i = 0; i < COUNT(base); i++)
        server_do(connection, base[i]);
    load_function(connection);
}

static void every_fault_is_found_while_the_target_replicates(void **state) {
    (void)state;
    AUTO(servers_clear) struct servers pair = servers_start(NULL);
    fill_base(pair.to_source);
    server_follow(pair.target, pair.source);
    assert_faults_are_found(&pair, false);
}

static void every_fault_is_found_detached(void **state) {
    (void)state;
    AUTO(servers_clear) struct servers pair = servers_start(NULL);
    fill_base(pair.to_source);
    server_follow(pair.target, pair.source);
    server_do(pair.to_target, "REPLICAOF NO ONE");
    assert_faults_are_found(&pair, true);
    server_do(pair.to_target, "FUNCTION FLUSH");
    AUTO(verify_result_clear)
    struct verify_result result = servers_compare(&pair, VERIFY_COUNT, 0, true);
    assert_int_equal(result.kinds.functions, 1);
    assert_verdict(&result, VERDICT_MISMATCH);
}

static void equal_values_in_other_encodings_are_equal(void **state) {
    (void)state;
    static const char *const overrides[] = { "--hash-max-listpack-entries",
                                             "0",
                                             "--zset-max-listpack-entries",
                                             "0",
                                             "--set-max-intset-entries",
                                             "0",
                                             "--list-max-listpack-size",
                                             "1",
                                             "--stream-node-max-entries",
                                             "2",
                                             NULL };
    AUTO(servers_clear) struct servers pair = servers_start(overrides);
    fill_base(pair.to_source);
    server_do(pair.to_source, "SADD numbers 1 2 3");
    server_do(pair.to_source, "ZADD scores 3 a 1.5 b 1e22 c -0 d 0.30000000000000004 e");
    server_follow(pair.target, pair.source);
    server_do(pair.to_target, "REPLICAOF NO ONE");
    server_do(pair.to_target, "DEL f:set");
    server_do(pair.to_target, "SADD f:set c a b");
    AUTO(verify_result_clear)
    struct verify_result result = servers_compare(&pair, VERIFY_SAMPLE, 100000, true);
    assert_verdict(&result, VERDICT_EQUAL);
}

static void functions_that_may_not_be_listed_are_said_to_be_left_out(void **state) {
    (void)state;
    AUTO(servers_clear) struct servers pair = servers_start(NULL);
    for (int i = 0; i < 2; i++) {
        AUTO(verify_result_clear)
        struct verify_result result = servers_compare(&pair, VERIFY_COUNT, 0, true);
        AUTO(string_free) char *line = verify_result_line(&result);
        assert_verdict(&result, VERDICT_EQUAL);
        assert_int_equal(result.functions_unread, i == 1);
        assert_int_equal(strstr(line, "functions not compared") != NULL, i == 1);
        server_do(pair.to_source, "ACL SETUSER default -function");
    }
}

/* A sorted set that was large keeps the sign; its copy is small from the start and does not. */
static void zero_has_no_sign(void **state) {
    (void)state;
    AUTO(servers_clear) struct servers pair = servers_start(NULL);
    server_do(pair.to_source, "EVAL for\ti=1,300\tdo\tredis.call('ZADD','shrunk',i,i)\tend 0");
    server_do(pair.to_source, "ZADD shrunk -0 a");
    server_do(pair.to_source, "ZREMRANGEBYSCORE shrunk 3 300");
    server_do(pair.to_source, "ZADD other 0 a 1 b");
    server_follow(pair.target, pair.source);
    server_do(pair.to_target, "ZADD other 5e-324 a");
    AUTO(verify_result_clear)
    struct verify_result result = servers_compare(&pair, VERIFY_FULL, 0, false);
    assert_int_equal(result.kinds.value, 1);
    assert_string_equal(result.mismatched.items[0].bytes, "other");
}

/* More than one answer can hold: these are read in chunks. */
static void thousands_of_pending_entries_are_compared_by_owner_and_time(void **state) {
    (void)state;
    AUTO(servers_clear) struct servers pair = servers_start(NULL);
    struct redis_connection *connection = pair.to_source;
    for (int i = 0; i < 10500; i++)
        redis_queue_words(connection, "XADD", "stream", "*", "f", "v", NULL);
    redis_exchange(&connection, 1, clock_mono_ms() + 60000);
    for (int i = 0; i < 10500; i++) {
        AUTO(error_clear) struct error err = { 0 };
        AUTO(redis_reply_free) struct redis_reply *reply = NULL;
        assert_true(redis_take(connection, &reply, &err));
    }
    server_do(connection, "XADD stream 99999999999999-1 f v");
    server_do(connection, "XGROUP CREATE stream idle $");
    server_do(connection, "XGROUP CREATE stream g 0");
    server_do(connection, "XREADGROUP GROUP g one COUNT 20000 STREAMS stream >");
    server_follow(pair.target, pair.source);
    AUTO(verify_result_clear)
    struct verify_result equal = servers_compare(&pair, VERIFY_SAMPLE, 10, false);
    assert_verdict(&equal, VERDICT_EQUAL);
    server_do(pair.to_target, "XCLAIM stream g two 0 99999999999999-1 JUSTID");
    AUTO(verify_result_clear)
    struct verify_result other = servers_compare(&pair, VERIFY_SAMPLE, 10, false);
    assert_int_equal(other.kinds.value, 1);
    server_do(pair.to_target, "XCLAIM stream g one 0 99999999999999-1 TIME 1 JUSTID");
    AUTO(verify_result_clear)
    struct verify_result time = servers_compare(&pair, VERIFY_SAMPLE, 10, false);
    assert_int_equal(time.kinds.value, 1);
}

static void a_sample_says_what_it_is_worth(void **state) {
    (void)state;
    AUTO(servers_clear) struct servers pair = servers_start(NULL);
    fill_base(pair.to_source);
    server_follow(pair.target, pair.source);
    AUTO(verify_result_clear)
    struct verify_result result = servers_compare(&pair, VERIFY_SAMPLE, 100, false);
    assert_verdict(&result, VERDICT_EQUAL);
    assert_true(result.keys_compared >= 100 && result.keys_compared <= 102);
    assert_non_null(strstr(result.bound, "at most"));
    AUTO(string_free) char *line = verify_result_line(&result);
    assert_non_null(strstr(line, "equal"));
    struct json *json = shape_write(&verify_result_shape, &result);
    assert_non_null(json);
    json_free(json);
}

static void counts_find_what_is_missing_and_let_expiry_explain(void **state) {
    (void)state;
    AUTO(servers_clear) struct servers pair = servers_start(NULL);
    for (int i = 0; i < 20; i++) {
        AUTO(string_free) char *command = xasprintf("SET lasting:%d v", i);
        server_do(pair.to_source, command);
        AUTO(string_free) char *ending = xasprintf("SET ending:%d v PX 700", i);
        server_do(pair.to_source, ending);
    }
    server_follow(pair.target, pair.source);
    AUTO(verify_result_clear)
    struct verify_result live = servers_compare(&pair, VERIFY_COUNT, 0, false);
    assert_verdict(&live, VERDICT_EQUAL);
    assert_int_equal(live.databases.count, 1);
    server_do(pair.to_target, "REPLICAOF NO ONE");
    server_do(pair.to_source, "DEBUG SET-ACTIVE-EXPIRE 0");
    clock_sleep_ms(1500);
    AUTO(verify_result_clear)
    struct verify_result expired = servers_compare(&pair, VERIFY_COUNT, 0, true);
    assert_verdict(&expired, VERDICT_EQUAL);
    server_do(pair.to_target, "DEL lasting:7");
    AUTO(verify_result_clear)
    struct verify_result missing = servers_compare(&pair, VERIFY_COUNT, 0, true);
    assert_verdict(&missing, VERDICT_MISMATCH);
    assert_int_equal(missing.databases.items[0].verdict, VERDICT_MISMATCH);
}

static void a_target_that_does_not_replicate_is_refused(void **state) {
    (void)state;
    AUTO(servers_clear) struct servers pair = servers_start(NULL);
    const struct verify_options options = { .source = pair.to_source,
                                            .target = pair.to_target,
                                            .mode = VERIFY_COUNT,
                                            .deadline_mono_ms = clock_mono_ms() + 10000 };
    AUTO(error_clear) struct error err = { 0 };
    AUTO(verify_result_clear) struct verify_result result = { 0 };
    assert_false(verify_run(&options, &result, &err));
    assert_int_equal(err.code, ERROR_CONFLICT);
}

static void a_source_that_tells_nothing_of_extra_keys_is_not_believed(void **state) {
    (void)state;
    AUTO(servers_clear) struct servers pair = servers_start(NULL);
    server_do(pair.to_source, "SET lasting v");
    server_follow(pair.target, pair.source);
    server_do(pair.to_target, "SET extra v");
    server_do(pair.to_source, "ACL SETUSER default -exists");
    const struct verify_options options = { .source = pair.to_source,
                                            .target = pair.to_target,
                                            .mode = VERIFY_SAMPLE,
                                            .keys = 100,
                                            .deadline_mono_ms = clock_mono_ms() + 10000 };
    AUTO(error_clear) struct error err = { 0 };
    AUTO(verify_result_clear) struct verify_result result = { 0 };
    assert_false(verify_run(&options, &result, &err));
    assert_int_equal(err.code, ERROR_REFUSED);
    assert_non_null(strstr(err.message, "EXISTS"));
}

static void what_to_do_about_a_refusal_is_said_by_its_reason(void **state) {
    (void)state;
    static const char *const reasons[][2] = {
        { "NOPERM this user has no permissions to run the 'type' command", "+@read" },
        { "BUSY Redis is busy running a script", "script has ended" },
        { "LOADING Redis is loading the dataset in memory", "loaded its data" },
        { "MASTERDOWN Link with MASTER is down", "follows its primary" },
        { "MOVED 1 127.0.0.1:1", "slots were moved" },
        { "ASK 1 127.0.0.1:1", "slots are being moved" },
    };
    for (size_t i = 0; i < COUNT(reasons); i++) {
        AUTO(error_clear) struct error err = { 0 };
        error_set(&err, ERROR_REFUSED, "refused");
        assert_false(refusal_hint(&err, reasons[i][0], strlen(reasons[i][0])));
        assert_non_null(strstr(err.hint, reasons[i][1]));
    }
}

static bool stop_at_once(void *context, int64_t done, int64_t total) {
    (void)context;
    (void)done;
    (void)total;
    return false;
}

static void a_comparison_can_be_stopped(void **state) {
    (void)state;
    AUTO(servers_clear) struct servers pair = servers_start(NULL);
    const struct verify_options options = { .source = pair.to_source,
                                            .target = pair.to_target,
                                            .mode = VERIFY_COUNT,
                                            .detached = true,
                                            .progress = stop_at_once,
                                            .deadline_mono_ms = clock_mono_ms() + 10000 };
    AUTO(error_clear) struct error err = { 0 };
    AUTO(verify_result_clear) struct verify_result result = { 0 };
    assert_false(verify_run(&options, &result, &err));
    assert_int_equal(err.code, ERROR_INTERRUPTED);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_fault_is_found_while_the_target_replicates),
        cmocka_unit_test(every_fault_is_found_detached),
        cmocka_unit_test(equal_values_in_other_encodings_are_equal),
        cmocka_unit_test(thousands_of_pending_entries_are_compared_by_owner_and_time),
        cmocka_unit_test(a_sample_says_what_it_is_worth),
        cmocka_unit_test(counts_find_what_is_missing_and_let_expiry_explain),
        cmocka_unit_test(a_target_that_does_not_replicate_is_refused),
        cmocka_unit_test(functions_that_may_not_be_listed_are_said_to_be_left_out),
        cmocka_unit_test(zero_has_no_sign),
        cmocka_unit_test(a_source_that_tells_nothing_of_extra_keys_is_not_believed),
        cmocka_unit_test(what_to_do_about_a_refusal_is_said_by_its_reason),
        cmocka_unit_test(a_comparison_can_be_stopped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
