#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "schemas/base/clock.h"
#include "tests/support/servers.h"

#define GIVEN_UP_LONG_BEFORE_MS 60000

/* The source is read from a replica of it, which loses its primary while the target follows on. */
struct lagging {
    struct server *primary;
    struct redis_connection *to_primary;
    struct servers pair;
};

static void lagging_clear(struct lagging *lagging) {
    redis_close(lagging->to_primary);
    server_stop(lagging->primary);
    servers_clear(&lagging->pair);
}
AUTO_VALUE(struct lagging, lagging_clear)

static struct lagging start(void) {
    struct lagging lagging = { .primary = server_start(NULL), .pair = servers_start(NULL) };
    struct servers *pair = &lagging.pair;
    lagging.to_primary = server_connect(lagging.primary);
    server_do(lagging.to_primary, "SET kept v");
    server_do(lagging.to_primary, "SET changed before");
    server_do(lagging.to_primary, "SET removed v");
    server_follow(pair->source, lagging.primary);
    server_follow(pair->target, lagging.primary);
    server_do(lagging.to_primary, "CONFIG SET requirepass secret");
    server_do(pair->to_source, "CLIENT KILL TYPE master");
    server_wait_for(pair->source, "INFO replication", "master_link_status:down", true);
    server_do(lagging.to_primary, "SET changed after");
    server_do(lagging.to_primary, "SET added v");
    server_do(lagging.to_primary, "DEL removed");
    server_do(lagging.to_primary, "WAIT 1 5000");
    return lagging;
}

/* It is given up after two minutes without a step nearer, which are 400 ms here. */
static void a_replica_of_the_source_that_is_behind_is_no_difference(void **state) {
    (void)state;
    static const enum config_verify_mode modes[] = { VERIFY_COUNT, VERIFY_SAMPLE, VERIFY_FULL };
    AUTO(lagging_clear) struct lagging lagging = start();
    setenv("ECMIG_TEST_LOCK_MS", "3000", 1);
    for (size_t i = 0; i < COUNT(modes); i++) {
        const struct verify_options options = { .source = lagging.pair.to_source,
                                                .target = lagging.pair.to_target,
                                                .mode = modes[i],
                                                .keys = 100,
                                                .deadline_mono_ms =
                                                    clock_mono_ms() + GIVEN_UP_LONG_BEFORE_MS };
        AUTO(verify_result_clear) struct verify_result result = { 0 };
        AUTO(error_clear) struct error err = { 0 };
        assert_false(verify_run(&options, &result, &err));
        assert_int_equal(err.code, ERROR_DEADLINE);
        assert_non_null(strstr(err.message, "its link is down"));
        assert_true(clock_left_ms(options.deadline_mono_ms) > 0);
    }
    unsetenv("ECMIG_TEST_LOCK_MS");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_replica_of_the_source_that_is_behind_is_no_difference),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
