#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <signal.h>

#include "executor/verify/pairs.h"
#include "schemas/base/clock.h"
#include "tests/support/servers.h"

#define OBEYS_WITHIN_MS 5000

struct stopping {
    const struct server *silent; /* from the moment on that keys were compared; NULL: none */
    int64_t since_mono_ms;       /* stop is asked for; 0: not yet */
    int64_t after_mono_ms;
};

static bool progress(void *context, int64_t done, int64_t total) {
    struct stopping *stopping = context;
    (void)total;
    if (stopping->silent && done > 0) {
        assert_int_equal(kill(stopping->silent->pid, SIGSTOP), 0);
        stopping->silent = NULL;
        stopping->after_mono_ms = clock_mono_ms() + 300;
    }
    if (stopping->silent || clock_mono_ms() < stopping->after_mono_ms)
        return true;
    if (stopping->since_mono_ms == 0)
        stopping->since_mono_ms = clock_mono_ms();
    return false;
}

static void assert_obeys(const struct servers *pair, struct stopping *stopping) {
    const struct verify_pair one = { .name = "",
                                     .source = pair->to_source,
                                     .target = pair->to_target };
    const struct verify_pairs pairs = { (struct verify_pair *)&one, 1 };
    const struct verify_options options = { .mode = VERIFY_FULL,
                                            .max_source_share = 5,
                                            .deadline_mono_ms = clock_mono_ms() + 30000,
                                            .progress = progress,
                                            .context = stopping };
    AUTO(verify_result_clear) struct verify_result result = { 0 };
    AUTO(error_clear) struct error err = { 0 };
    assert_false(verify_run_pairs(&options, &pairs, &result, &err));
    assert_true(stopping->since_mono_ms > 0);
    assert_in_range(clock_mono_ms() - stopping->since_mono_ms, 0, OBEYS_WITHIN_MS);
    assert_int_equal(err.code, ERROR_INTERRUPTED);
}

static void a_server_that_is_silent_does_not_keep_it(void **state) {
    (void)state;
    for (int i = 0; i < 2; i++) {
        AUTO(servers_clear) struct servers pair = servers_start(NULL);
        server_do(pair.to_source, "EVAL for\ti=1,200000\tdo\tredis.call('SET',i,i)\tend 0");
        server_follow(pair.target, pair.source);
        const struct server *silent = i == 0 ? pair.source : pair.target;
        struct stopping stopping = { .silent = silent };
        assert_obeys(&pair, &stopping);
        assert_int_equal(kill(silent->pid, SIGCONT), 0);
    }
}

static struct servers start_cut_off(void) {
    struct servers pair = servers_start(NULL);
    server_follow(pair.target, pair.source);
    server_do(pair.to_target, "CONFIG SET masterauth other");
    server_do(pair.to_source, "CONFIG SET requirepass secret");
    server_do(pair.to_source, "CLIENT KILL TYPE replica");
    server_wait_for(pair.target, "INFO replication", "master_link_status:down", true);
    return pair;
}

static void a_copy_that_does_not_catch_up_does_not_keep_it(void **state) {
    (void)state;
    AUTO(servers_clear) struct servers pair = start_cut_off();
    struct stopping stopping = { .after_mono_ms = clock_mono_ms() + 500 };
    assert_obeys(&pair, &stopping);
}

/* Two minutes are 400 ms here. */
static void a_copy_that_comes_no_nearer_is_given_up(void **state) {
    (void)state;
    AUTO(servers_clear) struct servers pair = start_cut_off();
    const struct verify_options options = { .source = pair.to_source,
                                            .target = pair.to_target,
                                            .mode = VERIFY_COUNT,
                                            .deadline_mono_ms = clock_mono_ms() + 30000 };
    AUTO(verify_result_clear) struct verify_result result = { 0 };
    AUTO(error_clear) struct error err = { 0 };
    int64_t from_mono_ms = clock_mono_ms();
    setenv("ECMIG_TEST_LOCK_MS", "3000", 1);
    assert_false(verify_run(&options, &result, &err));
    unsetenv("ECMIG_TEST_LOCK_MS");
    assert_in_range(clock_mono_ms() - from_mono_ms, 400, OBEYS_WITHIN_MS);
    assert_int_equal(err.code, ERROR_DEADLINE);
    assert_non_null(strstr(err.message, "its link is down"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_server_that_is_silent_does_not_keep_it),
        cmocka_unit_test(a_copy_that_does_not_catch_up_does_not_keep_it),
        cmocka_unit_test(a_copy_that_comes_no_nearer_is_given_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
