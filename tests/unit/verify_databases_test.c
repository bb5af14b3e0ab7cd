/* What a comparison costs does not grow with the square of the databases. */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <unistd.h>

#include "executor/verify/pairs.h"
#include "schemas/base/clock.h"
#include "schemas/base/memory.h"
#include "tests/support/servers.h"

#define DATABASES "10000"
#define DATABASE_COUNT 3000
/* Asking INFO once for each database would be that many at least. */
#define ASKED_MOST 100

static const char *const many[] = { "--databases", DATABASES, NULL };

static void fill(struct redis_connection *connection, int count) {
    for (int i = 0; i < count; i++) {
        AUTO(string_free) char *number = xasprintf("%d", i);
        redis_queue_words(connection, "SELECT", number, NULL);
        redis_queue_words(connection, "SET", "key", number, NULL);
    }
    redis_queue_words(connection, "SELECT", "0", NULL);
    redis_exchange(&connection, 1, clock_mono_ms() + 60000);
    for (int i = 0; i < 2 * count + 1; i++) {
        AUTO(redis_reply_free) struct redis_reply *reply = NULL;
        AUTO(error_clear) struct error err = { 0 };
        assert_true(redis_take(connection, &reply, &err));
    }
}

static int64_t infos(const struct server *server) {
    AUTO(string_free) char *stats = server_ask(server, "INFO commandstats");
    const char *at = strstr(stats, "cmdstat_info:calls=");
    return at ? strtoll(at + strlen("cmdstat_info:calls="), NULL, 10) : 0;
}

static struct servers filled(void) {
    struct servers pair = { .source = server_start(many), .target = server_start(many) };
    pair.to_source = server_connect(pair.source);
    pair.to_target = server_connect(pair.target);
    server_do(pair.to_target, "CONFIG SET replica-read-only no");
    fill(pair.to_source, DATABASE_COUNT);
    server_follow(pair.target, pair.source);
    return pair;
}

static void thousands_of_databases_are_compared_in_seconds(void **state) {
    (void)state;
    static const char *const names[] = { "full", "sample", "count" };
    static const enum config_verify_mode modes[] = { VERIFY_FULL, VERIFY_SAMPLE, VERIFY_COUNT };
    AUTO(servers_clear) struct servers pair = filled();
    for (size_t i = 0; i < COUNT(modes); i++) {
        int64_t asked = infos(pair.source);
        AUTO(verify_result_clear)
        struct verify_result result = servers_compare(&pair, modes[i], 10000, false);
        asked = infos(pair.source) - asked;
        printf("%s over %d databases: %" PRId64 " ms, %" PRId64 " INFO\n", names[i], DATABASE_COUNT,
               result.took_ms, asked);
        assert_int_equal(result.verdict, VERDICT_EQUAL);
        assert_int_equal(result.databases.count, DATABASE_COUNT);
        assert_int_equal(result.keys_equal, modes[i] == VERIFY_COUNT ? 0 : DATABASE_COUNT);
        assert_true(asked < ASKED_MOST);
        AUTO(string_free) char *line = verify_result_line(&result);
        assert_true(strlen(line) < 300);
    }
}

/* By counts or key by key, both ways: what differs is found in whichever database it is. */
static void a_difference_in_any_database_is_found(void **state) {
    (void)state;
    AUTO(servers_clear) struct servers pair = filled();
    server_do(pair.to_target, "SELECT 7");
    server_do(pair.to_target, "DEL key");
    server_do(pair.to_target, "SELECT 1500");
    server_do(pair.to_target, "SET other 1");
    server_do(pair.to_target, "SELECT 2999");
    server_do(pair.to_target, "SET key another");
    server_do(pair.to_target, "SELECT 9999");
    server_do(pair.to_target, "SET key 1");
    server_do(pair.to_target, "SELECT 2000");
    server_do(pair.to_target, "PEXPIRE key 100000000");
    server_do(pair.to_target, "SELECT 0");
    AUTO(verify_result_clear)
    struct verify_result result = servers_compare(&pair, VERIFY_FULL, 0, false);
    assert_int_equal(result.kinds.missing, 1);
    assert_int_equal(result.kinds.extra, 2);
    assert_int_equal(result.kinds.value, 1);
    assert_int_equal(result.kinds.expiry, 1);
    assert_int_equal(result.databases.count, DATABASE_COUNT + 1);
    for (size_t i = 1; i < result.databases.count; i++)
        assert_true(result.databases.items[i - 1].database < result.databases.items[i].database);
}

/* The checkpoint is saved by time, not once for each database with all of them in it. */
static void the_place_of_thousands_is_not_written_for_each(void **state) {
    (void)state;
    static char path[] = "/tmp/ecmig-checkpoint.XXXXXX";
    AUTO(error_clear) struct error err = { 0 };
    AUTO(verify_result_clear) struct verify_result result = { 0 };
    AUTO(servers_clear) struct servers pair = filled();
    int handle = mkstemp(path);
    assert_true(handle >= 0 && close(handle) == 0);
    const struct verify_options options = { .source = pair.to_source,
                                            .target = pair.to_target,
                                            .mode = VERIFY_FULL,
                                            .checkpoint_path = path,
                                            .deadline_mono_ms = clock_mono_ms() + 100000 };
    bool compared = verify_run(&options, &result, &err);
    (void)unlink(path);
    printf("full with a checkpoint: %" PRId64 " ms\n", result.took_ms);
    assert_true(compared);
    assert_int_equal(result.keys_equal, DATABASE_COUNT);
    /* A hundred times what it takes. */
    assert_true(result.took_ms < 60000);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(thousands_of_databases_are_compared_in_seconds),
        cmocka_unit_test(a_difference_in_any_database_is_found),
        cmocka_unit_test(the_place_of_thousands_is_not_written_for_each),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
