#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "schemas/base/clock.h"
#include "schemas/base/memory.h"
#include "tests/support/servers.h"

#define LIVE_KEYS 20000

/* One write of any kind to any of the keys, some of them to a handful of hot ones. */
static void queue_write(struct redis_connection *connection, unsigned random, unsigned round) {
    char key[32], value[32];
    unsigned number = random >> 8, hot = (random & 15) == 0;
    (void)snprintf(key, sizeof key, "live:%u", number % (hot ? 8 : LIVE_KEYS));
    (void)snprintf(value, sizeof value, "%u", round);
    switch (number % (hot ? 8 : LIVE_KEYS) % 8) {
    case 0:
        redis_queue_words(connection, "SET", key, value, "KEEPTTL", NULL);
        break;
    case 1:
        redis_queue_words(connection, "SET", key, value, "PX", round % 2 ? "300" : "5000", NULL);
        break;
    case 2:
        redis_queue_words(connection, round % 2 ? "LPUSH" : "RPOPLPUSH", key,
                          round % 2 ? value : key, NULL);
        break;
    case 3:
        redis_queue_words(connection, round % 3 ? "SADD" : "SREM", key, value, NULL);
        break;
    case 4:
        redis_queue_words(connection, "HINCRBY", key, "field", "1", NULL);
        break;
    case 5:
        redis_queue_words(connection, "ZINCRBY", key, "0.1", value, NULL);
        break;
    case 6:
        redis_queue_words(connection, "XADD", key, "MAXLEN", "20", "*", "f", value, NULL);
        break;
    default:
        redis_queue_words(connection, round % 2 ? "DEL" : "APPEND", key, round % 2 ? NULL : value,
                          NULL);
    }
}

static void write_batch(struct redis_connection *connection, unsigned *random, unsigned *round,
                        unsigned count) {
    for (unsigned i = 0; i < count; i++) {
        *random = *random * 1664525 + 1013904223;
        queue_write(connection, *random >> 4, (*round)++);
    }
    redis_exchange(&connection, 1, clock_mono_ms() + 20000);
    for (unsigned i = 0; i < count; i++) {
        AUTO(error_clear) struct error err = { 0 };
        AUTO(redis_reply_free) struct redis_reply *reply = NULL;
        if (!redis_take(connection, &reply, &err))
            _exit(1);
    }
}

/* A process that writes until it is killed. */
static pid_t start_writer(const struct server *server) {
    pid_t parent = getpid(), pid = fork();
    assert_true(pid >= 0);
    if (pid > 0)
        return pid;
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(1);
    struct redis_connection *connection = server_connect(server);
    unsigned random = 7, round = 0;
    for (;;) {
        write_batch(connection, &random, &round, 20);
        clock_sleep_ms(1);
    }
}

static void there_is_no_false_alarm_under_live_writes(void **state) {
    (void)state;
    AUTO(servers_clear) struct servers pair = servers_start(NULL);
    unsigned random = 3, round = 0;
    for (int i = 0; i < 300; i++)
        write_batch(pair.to_source, &random, &round, 300);
    server_follow(pair.target, pair.source);
    pid_t writer = start_writer(pair.source);
    AUTO(verify_keys_clear) struct verify_keys hot = { 0 };
    for (int i = 0; i < 4; i++) {
        AUTO(verify_result_clear)
        struct verify_result result =
            servers_compare(&pair, i % 2 ? VERIFY_SAMPLE : VERIFY_FULL, 100000, false);
        AUTO(string_free) char *line = verify_result_line(&result);
        if (result.verdict == VERDICT_MISMATCH)
            fail_msg("%s", line);
        assert_true(result.keys_compared > LIVE_KEYS / 2);
        assert_int_equal(result.hot.count, result.keys_hot);
        verify_keys_clear(&hot);
        hot = MOVE(result.hot);
    }
    assert_int_equal(kill(writer, SIGKILL), 0);
    int status;
    assert_int_equal(waitpid(writer, &status, 0), writer);
    assert_true(WIFSIGNALED(status));

    verify_keys_add(&hot, 5, "absent\0on both", 14);
    const struct verify_options options = { .source = pair.to_source,
                                            .target = pair.to_target,
                                            .deadline_mono_ms = clock_mono_ms() + 60000 };
    AUTO(error_clear) struct error err = { 0 };
    AUTO(verify_result_clear) struct verify_result held = { 0 };
    assert_true(verify_keys(&options, &hot, &held, &err));
    assert_int_equal(held.verdict, VERDICT_EQUAL);
    assert_int_equal(held.keys_compared, hot.count);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(there_is_no_false_alarm_under_live_writes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
