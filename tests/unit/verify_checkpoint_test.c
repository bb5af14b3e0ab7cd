#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <unistd.h>

#include "executor/verify/checkpoint.h"
#include "executor/verify/pairs.h"
#include "schemas/base/clock.h"
#include "schemas/base/files.h"
#include "schemas/base/memory.h"
#include "tests/support/servers.h"

static char path[] = "/tmp/ecmig-checkpoint.XXXXXX";
static const struct snapshot here = { .run_id = (char *)"run", .replid = (char *)"history" };
static const struct snapshot there = { .run_id = (char *)"copy", .replid = (char *)"history" };

static void add_rows(struct verify_result *result) {
    for (int64_t database = 0; database < 3; database++)
        LIST_ADD(&result->databases)->database = database;
}

static void keep_one(void) {
    AUTO(checkpoint_clear) struct checkpoint checkpoint = { .path = path };
    AUTO(verify_result_clear) struct verify_result result = { 0 };
    AUTO(queue_clear) struct queue queue = { 0 };
    add_rows(&result);
    (void)unlink(path);
    checkpoint_begin(&checkpoint, &here, &there, &result);
    assert_false(result.resumed);
    assert_int_equal(checkpoint.database, -1);
    const struct verify_key key = { 1, (char *)"a\0\xff", 3 };
    result.keys_compared = 100;
    result.keys_equal = 98;
    result.databases.items[1].keys_compared = 60;
    (void)compare_add_mismatch(&result, "value", &result.kinds.value, &key);
    verify_keys_add(&result.hot, 1, "hot", 3);
    queue_add(&queue, 1, "fresh\n", 6, 10);
    queue_add(&queue, 1, "big", 3, 1 << 20);
    LIST_ADD(&checkpoint.done)->database = 0;
    checkpoint.database = 1;
    (void)snprintf(checkpoint.cursor, sizeof checkpoint.cursor, "18446744073709551615");
    checkpoint_save(&checkpoint, &result, &queue);
}

static void a_comparison_goes_on_where_it_was(void **state) {
    (void)state;
    keep_one();
    AUTO(checkpoint_clear) struct checkpoint checkpoint = { .path = path };
    AUTO(verify_result_clear) struct verify_result result = { 0 };
    add_rows(&result);
    checkpoint_begin(&checkpoint, &here, &there, &result);
    assert_true(result.resumed);
    assert_true(checkpoint_is_done(&checkpoint, 0));
    assert_false(checkpoint_is_done(&checkpoint, 1));
    assert_int_equal(checkpoint.database, 1);
    assert_string_equal(checkpoint.cursor, "18446744073709551615");
    assert_int_equal(result.keys_compared, 100);
    assert_int_equal(result.keys_equal, 98);
    assert_int_equal(result.databases.items[1].keys_compared, 60);
    assert_int_equal(result.kinds.value, 1);
    assert_int_equal(result.mismatches.count, 1);
    assert_int_equal(result.mismatched.count, 1);
    assert_int_equal(result.mismatched.items[0].length, 3);
    assert_memory_equal(result.mismatched.items[0].bytes, "a\0\xff", 3);
    assert_int_equal(result.hot.count, 1);
    assert_int_equal(checkpoint.waiting.count, 2);
    assert_string_equal(checkpoint.waiting.items[0].bytes, "fresh\n");
    assert_string_equal(checkpoint.waiting.items[1].bytes, "big");
}

static void assert_begins_anew(const struct snapshot *source, const struct snapshot *target,
                               bool detached) {
    AUTO(checkpoint_clear) struct checkpoint checkpoint = { .path = path, .detached = detached };
    AUTO(verify_result_clear) struct verify_result result = { 0 };
    add_rows(&result);
    checkpoint_begin(&checkpoint, source, target, &result);
    assert_false(result.resumed);
    assert_int_equal(result.keys_compared, 0);
    assert_int_equal(checkpoint.database, -1);
    assert_string_equal(checkpoint.cursor, "0");
}

static void functions_that_differ_now_are_not_forgotten(void **state) {
    (void)state;
    keep_one();
    AUTO(checkpoint_clear) struct checkpoint checkpoint = { .path = path };
    AUTO(verify_result_clear) struct verify_result result = { 0 };
    add_rows(&result);
    (void)compare_add_mismatch(&result, "functions", &result.kinds.functions, NULL);
    checkpoint_begin(&checkpoint, &here, &there, &result);
    assert_true(result.resumed);
    assert_int_equal(result.kinds.functions, 1);
    assert_int_equal(result.kinds.value, 1);
    assert_int_equal(result.mismatches.count, 2);
    assert_int_equal(result.mismatched.count, 1);
}

static void another_process_or_history_is_compared_anew(void **state) {
    (void)state;
    keep_one();
    const struct snapshot restarted = { .run_id = (char *)"other", .replid = (char *)"history" };
    const struct snapshot other = { .run_id = (char *)"run", .replid = (char *)"other" };
    assert_begins_anew(&restarted, &there, false);
    assert_begins_anew(&other, &there, false);
    assert_begins_anew(&here, &restarted, false);
    assert_begins_anew(&here, &there, true);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    (void)fprintf(file, "{\"run_id\":\"run\",\"replid\":\"history\",\"cursor\":\"1\"");
    (void)fclose(file);
    assert_begins_anew(&here, &there, false);
}

/* Replaces the first `from` in the file by `to`, of the same length. */
static void damage(const char *from, const char *to) {
    AUTO(text_clear) struct text bytes = { 0 };
    AUTO(error_clear) struct error err = { 0 };
    assert_true(file_read(path, (size_t)1 << 20, &bytes, &err));
    char *at = strstr(bytes.bytes, from);
    assert_non_null(at);
    memcpy(at, to, strlen(to));
    assert_true(file_write(path, bytes.bytes, bytes.length, 0600, &err));
}

static void what_is_damaged_is_compared_anew(void **state) {
    (void)state;
    static const char *const damages[][2] = { { "\"mismatched\"", "\"mismatchxx\"" },
                                              { "18446744073709551615", "1844674407370955161x" },
                                              { "\"result\"", "\"resultx" },
                                              { "\"kind\"", "\"kinx\"" } };
    for (size_t i = 0; i < COUNT(damages); i++) {
        keep_one();
        damage(damages[i][0], damages[i][1]);
        assert_begins_anew(&here, &there, false);
    }
}

#define EXTRA_KEYS 3000

/* The checkpoint in the middle of the target's keys; the number of those before it. */
static size_t keep_in_reverse(const struct servers *pair) {
    AUTO(checkpoint_clear) struct checkpoint checkpoint = { .path = path, .detached = true };
    AUTO(verify_result_clear) struct verify_result result = { 0 };
    AUTO(snapshots_clear) struct snapshots snapshots = { 0 };
    AUTO(error_clear) struct error err = { 0 };
    const struct verify_options options = { .source = pair->to_source,
                                            .target = pair->to_target,
                                            .deadline_mono_ms = clock_mono_ms() + 10000 };
    assert_true(snapshot_take_both(&options, &snapshots.source, &snapshots.target, &err));
    AUTO(redis_reply_free)
    struct redis_reply *page = server_run(pair->to_target, "SCAN 0 COUNT 1000");
    (void)unlink(path);
    checkpoint_begin(&checkpoint, &snapshots.source, &snapshots.target, &result);
    checkpoint_enter(&checkpoint, 0);
    checkpoint_turn(&checkpoint);
    (void)snprintf(checkpoint.cursor, sizeof checkpoint.cursor, "%s",
                   redis_text(page->elements[0]));
    checkpoint_save(&checkpoint, &result, NULL);
    return page->elements[1]->count;
}

static struct verify_result resume(const struct servers *pair) {
    const struct verify_options options = { .source = pair->to_source,
                                            .target = pair->to_target,
                                            .mode = VERIFY_FULL,
                                            .detached = true,
                                            .checkpoint_path = path,
                                            .deadline_mono_ms = clock_mono_ms() + 100000 };
    AUTO(error_clear) struct error err = { 0 };
    struct verify_result result = { 0 };
    assert_true(verify_run(&options, &result, &err));
    return result;
}

static void the_way_back_goes_on_where_it_was_too(void **state) {
    (void)state;
    AUTO(servers_clear) struct servers pair = servers_start(NULL);
    for (int i = 0; i < EXTRA_KEYS; i++) {
        AUTO(string_free) char *command = xasprintf("SET extra:%d v", i);
        server_do(pair.to_target, command);
    }
    size_t before = keep_in_reverse(&pair);
    assert_in_range(before, 1000, EXTRA_KEYS - 1);
    AUTO(verify_result_clear) struct verify_result result = resume(&pair);
    assert_true(result.resumed);
    assert_int_equal(result.kinds.extra, EXTRA_KEYS - before);
    /* What is finished is not done again, and what is begun anew finds all. */
    (void)unlink(path);
    AUTO(verify_result_clear) struct verify_result whole = resume(&pair);
    assert_false(whole.resumed);
    assert_int_equal(whole.kinds.extra, EXTRA_KEYS);
    AUTO(verify_result_clear) struct verify_result again = resume(&pair);
    assert_true(again.resumed);
    assert_int_equal(again.kinds.extra, EXTRA_KEYS);
    assert_int_equal(again.keys_compared, whole.keys_compared);
}

static void only_a_full_comparison_takes_the_place_away(void **state) {
    (void)state;
    AUTO(servers_clear) struct servers pair = servers_start(NULL);
    const struct verify_pair one = { .name = "",
                                     .source = pair.to_source,
                                     .target = pair.to_target };
    const struct verify_pairs pairs = { (struct verify_pair *)&one, 1 };
    struct verify_options options = { .mode = VERIFY_COUNT,
                                      .detached = true,
                                      .checkpoint_path = path,
                                      .deadline_mono_ms = clock_mono_ms() + 100000 };
    keep_one();
    for (int i = 0; i < 2; i++) {
        AUTO(verify_result_clear) struct verify_result result = { 0 };
        AUTO(error_clear) struct error err = { 0 };
        options.mode = i == 0 ? VERIFY_COUNT : VERIFY_FULL;
        assert_true(verify_run_pairs(&options, &pairs, &result, &err));
        assert_int_equal(path_exists(path), i == 0);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_comparison_goes_on_where_it_was),
        cmocka_unit_test(the_way_back_goes_on_where_it_was_too),
        cmocka_unit_test(functions_that_differ_now_are_not_forgotten),
        cmocka_unit_test(another_process_or_history_is_compared_anew),
        cmocka_unit_test(what_is_damaged_is_compared_anew),
        cmocka_unit_test(only_a_full_comparison_takes_the_place_away),
    };
    int handle = mkstemp(path);
    if (handle < 0 || close(handle) != 0)
        return 1;
    int failures = cmocka_run_group_tests(tests, NULL, NULL);
    (void)unlink(path);
    return failures;
}
