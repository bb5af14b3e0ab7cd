#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "providers/redis/flow.h"
#include "providers/redis/info.h"
#include "providers/redis/redis.h"
#include "schemas/base/clock.h"
#include "schemas/base/memory.h"
#include "schemas/base/text.h"
#include "tests/support/server.h"

static void a_password_is_used_and_a_wrong_one_is_named(void **state) {
    (void)state;
    const char *const overrides[] = { "--requirepass", "s3cret-canary", NULL };
    AUTO(server_stop) struct server *server = server_start(overrides);
    AUTO(redis_close) struct redis_connection *connection = server_connect(server);
    server_do(connection, "SET a 1");

    AUTO(secret_free) struct secret *wrong = secret_new("wrong-canary", 12);
    struct redis_options options = {
        .host = server->host, .port = server->port, .password = wrong, .timeout_ms = 5000
    };
    AUTO(error_clear) struct error err = { 0 };
    struct redis_connection *refused = NULL;
    assert_false(redis_open(&options, &refused, &err));
    assert_null(refused);
    assert_int_equal(err.code, ERROR_REFUSED);
    assert_true(error_is_remote(&err, "WRONGPASS"));
    assert_null(strstr(err.message, "canary"));
    assert_non_null(err.hint);

    options.password = NULL;
    assert_false(redis_open(&options, &refused, &err));
    assert_true(error_is_remote(&err, "NOAUTH"));
    assert_non_null(strstr(err.message, redis_name(connection)));

    server_do(connection, "ACL SETUSER reader on >pw +ping +get ~*");
    AUTO(secret_free) struct secret *pw = secret_new("pw", 2);
    options.username = "reader";
    options.password = pw;
    AUTO(redis_close) struct redis_connection *reader = NULL;
    assert_true(redis_open(&options, &reader, &err));
    AUTO(redis_reply_free) struct redis_reply *reply = NULL;
    assert_false(redis_call(reader, REDIS_NOW, &reply, &err, "SET", "a", "2", NULL));
    assert_true(error_is_remote(&err, "NOPERM"));
    assert_true(redis_call(reader, REDIS_NOW, &reply, &err, "GET", "a", NULL));
    assert_string_equal(redis_text(reply), "1");
}

static void what_is_not_there_is_unreachable_with_its_reason(void **state) {
    (void)state;
    struct redis_options options = { .host = "127.77.255.254", .port = 1, .timeout_ms = 2000 };
    AUTO(error_clear) struct error err = { 0 };
    struct redis_connection *connection = NULL;
    assert_false(redis_open(&options, &connection, &err));
    assert_int_equal(err.code, ERROR_UNREACHABLE);
    assert_non_null(strstr(err.message, "127.77.255.254:1"));
    assert_non_null(strstr(err.message, "connection refused"));
    options.host = "no-such-host.invalid";
    assert_false(redis_open(&options, &connection, &err));
    assert_int_equal(err.code, ERROR_UNREACHABLE);
}

/* What listens and says this to whoever connects, then closes; its port. */
static pid_t start_refuser(const char *says, uint16_t *port) {
    struct sockaddr_in address = { .sin_family = AF_INET };
    socklen_t length = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(inet_pton(AF_INET, "127.77.255.253", &address.sin_addr), 1);
    assert_int_equal(bind(listener, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&address, &length), 0);
    assert_int_equal(listen(listener, 1), 0);
    *port = ntohs(address.sin_port);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        int fd = accept(listener, NULL, NULL);
        (void)!write(fd, says, strlen(says));
        _exit(0);
    }
    (void)close(listener);
    return pid;
}

static void assert_refused(const char *says, enum error_code code, const char *remote_code) {
    struct redis_options options = { .host = "127.77.255.253", .timeout_ms = 5000 };
    pid_t refuser = start_refuser(says, &options.port);
    AUTO(error_clear) struct error err = { 0 };
    struct redis_connection *connection = NULL;
    assert_false(redis_open(&options, &connection, &err));
    assert_int_equal(err.code, code);
    assert_int_equal(waitpid(refuser, NULL, 0), refuser);
    if (remote_code)
        assert_true(error_is_remote(&err, remote_code));
}

static void what_a_server_says_before_it_closes_is_heard(void **state) {
    (void)state;
    assert_refused("-DENIED Redis is running in protected mode\r\n", ERROR_REFUSED, "DENIED");
    assert_refused("-ERR max number of clients reached\r\n", ERROR_REFUSED, "ERR");
    assert_refused("SSH-2.0-OpenSSH_9.2\r\n", ERROR_FORMAT, NULL);
    assert_refused("", ERROR_UNREACHABLE, NULL);
}

static void two_servers_answer_a_pipeline_in_one_exchange(void **state) {
    (void)state;
    AUTO(server_stop) struct server *one = server_start(NULL);
    AUTO(server_stop) struct server *two = server_start(NULL);
    AUTO(redis_close) struct redis_connection *first = server_connect(one);
    AUTO(redis_close) struct redis_connection *second = server_connect(two);
    struct redis_connection *both[] = { first, NULL, second };
    AUTO(string_free) char *large = xcalloc(100001, 1);
    memset(large, 'x', 100000);
    for (int i = 0; i < 500; i++) {
        redis_queue_words(first, "ECHO", large, NULL);
        redis_queue_words(second, "INCR", "n", NULL);
    }
    redis_queue_words(second, "NO-SUCH", NULL);
    redis_exchange(both, COUNT(both), clock_mono_ms() + 20000);
    AUTO(error_clear) struct error err = { 0 };
    for (int i = 0; i < 500; i++) {
        AUTO(redis_reply_free) struct redis_reply *echo = NULL;
        assert_true(redis_take(first, &echo, &err));
        AUTO(redis_reply_free) struct redis_reply *count = NULL;
        assert_true(redis_take(second, &count, &err));
        assert_int_equal(echo->length, 100000);
        assert_int_equal(count->integer, i + 1);
    }
    AUTO(redis_reply_free) struct redis_reply *fault = NULL;
    assert_true(redis_take(second, &fault, &err));
    assert_int_equal(fault->type, REDIS_FAULT);
    assert_false(redis_take(second, &fault, &err));
}

static void a_server_that_sleeps_misses_the_deadline_and_stays_failed(void **state) {
    (void)state;
    AUTO(server_stop) struct server *server = server_start(NULL);
    AUTO(server_stop) struct server *awake = server_start(NULL);
    AUTO(redis_close) struct redis_connection *connection = server_connect(server);
    AUTO(redis_close) struct redis_connection *other = server_connect(awake);
    redis_queue_words(connection, "DEBUG", "SLEEP", "30", NULL);
    redis_queue_words(other, "PING", NULL);
    struct redis_connection *both[] = { connection, other };
    redis_exchange(both, 2, clock_mono_ms() + 200);
    AUTO(error_clear) struct error err = { 0 };
    AUTO(redis_reply_free) struct redis_reply *reply = NULL;
    assert_false(redis_take(connection, &reply, &err));
    assert_int_equal(err.code, ERROR_DEADLINE);
    assert_non_null(strstr(err.message, redis_name(connection)));
    assert_true(redis_take(other, &reply, &err));
    redis_reply_free(TAKE(reply));
    assert_false(redis_call(connection, REDIS_NOW, &reply, &err, "PING", NULL));
    assert_int_equal(err.code, ERROR_DEADLINE);
}

static void a_server_that_dies_is_unreachable(void **state) {
    (void)state;
    AUTO(server_stop) struct server *server = server_start(NULL);
    AUTO(redis_close) struct redis_connection *connection = server_connect(server);
    AUTO(error_clear) struct error err = { 0 };
    AUTO(redis_reply_free) struct redis_reply *reply = NULL;
    assert_false(redis_call(connection, REDIS_NOW, &reply, &err, "SHUTDOWN", "NOSAVE", NULL));
    assert_int_equal(err.code, ERROR_UNREACHABLE);
    assert_false(redis_call(connection, REDIS_NOW, &reply, &err, "PING", NULL));
    assert_int_equal(err.code, ERROR_UNREACHABLE);
}

/* Real replies: one that is too large alone, and several that are so together. */
static void a_connection_keeps_no_more_than_its_ceiling(void **state) {
    (void)state;
    AUTO(server_stop) struct server *server = server_start(NULL);
    AUTO(redis_close) struct redis_connection *seeding = server_connect(server);
    server_do(seeding, "SETRANGE half 599999 x");
    server_do(seeding, "RPUSH list a b c");
    struct redis_options options = {
        .host = server->host, .port = server->port, .timeout_ms = 5000, .ceiling_bytes = 1 << 20
    };
    static const char *const asked[][4] = { { "GET", "half" },
                                            { "MGET", "half", "half" },
                                            { "LRANGE", "list", "0", "-1" } };
    static const bool twice_is_too_much[] = { true, true, false };
    for (size_t i = 0; i < COUNT(asked); i++) {
        AUTO(error_clear) struct error err = { 0 };
        AUTO(redis_close) struct redis_connection *connection = NULL;
        assert_true(redis_open(&options, &connection, &err));
        size_t words = 0;
        while (words < COUNT(asked[i]) && asked[i][words])
            words++;
        redis_queue(connection, words, asked[i], NULL);
        redis_queue(connection, words, asked[i], NULL);
        redis_exchange(&connection, 1, clock_mono_ms() + 5000);
        bool taken = true;
        for (int n = 0; n < 2 && taken; n++) {
            AUTO(redis_reply_free) struct redis_reply *reply = NULL;
            taken = redis_take(connection, &reply, &err);
        }
        /* The second reply of two halves had come too, and may be taken; no more is read. */
        AUTO(redis_reply_free) struct redis_reply *pong = NULL;
        bool goes_on = taken && redis_call(connection, REDIS_NOW, &pong, &err, "PING", NULL);
        assert_int_equal(goes_on, !twice_is_too_much[i]);
        assert_int_equal(err.code, goes_on ? ERROR_NONE : ERROR_LIMIT);
    }
}

static void a_flow_keeps_no_more_than_its_ceiling(void **state) {
    (void)state;
    AUTO(server_stop) struct server *server = server_start(NULL);
    AUTO(redis_close) struct redis_connection *seeding = server_connect(server);
    server_do(seeding, "SETRANGE half 599999 x");
    struct redis_options options = {
        .host = server->host, .port = server->port, .timeout_ms = 5000, .ceiling_bytes = 1 << 20
    };
    AUTO(error_clear) struct error err = { 0 };
    AUTO(redis_close) struct redis_connection *connection = NULL;
    assert_true(redis_open(&options, &connection, &err));
    AUTO(redis_flow_close) struct redis_flow *flow = redis_flow_open(connection);
    redis_flow_begin(flow, 3);
    redis_flow_word(flow, "MGET", 4);
    redis_flow_word(flow, "half", 4);
    redis_flow_word(flow, "half", 4);
    const size_t wanted = 1;
    assert_false(redis_flow_await(&flow, &wanted, 1, clock_mono_ms() + 5000, NULL, &err));
    assert_int_equal(err.code, ERROR_LIMIT);
}

struct position {
    char *replid;
    int64_t offset;
};

static void position_clear(struct position *position) {
    free(position->replid);
}
AUTO_VALUE(struct position, position_clear)

static struct position position_of(struct redis_connection *connection) {
    AUTO(redis_reply_free) struct redis_reply *reply = server_run(connection, "INFO replication");
    AUTO(info_clear) struct info info = { 0 };
    info_parse(reply->bytes, reply->length, &info);
    return (struct position){ xstrdup(info_find(&info, "master_replid")),
                              info_int(&info, "master_repl_offset", -1) };
}

/* The next command of the log that is no PING or SELECT, its words joined. */
static char *next_logged(struct redis_connection *tail, int64_t within_ms) {
    for (;;) {
        AUTO(error_clear) struct error err = { 0 };
        AUTO(redis_reply_free) struct redis_reply *command = NULL;
        assert_true(redis_tail_next(tail, clock_mono_ms() + within_ms, &command, &err));
        if (!command)
            return NULL;
        AUTO(strings_clear) struct strings words = { 0 };
        for (size_t i = 0; i < command->count; i++)
            strings_add(&words, redis_text(command->elements[i]));
        if (strcmp(words.items[0], "PING") != 0 && strcmp(words.items[0], "SELECT") != 0)
            return strings_join(&words, " ");
    }
}

static void the_tail_gives_exactly_the_commands_since(void **state) {
    (void)state;
    AUTO(server_stop) struct server *server = server_start(NULL);
    AUTO(server_stop) struct server *replica = server_start(NULL);
    server_follow(replica, server);
    AUTO(redis_close) struct redis_connection *connection = server_connect(server);
    server_do(connection, "SET before 1");
    AUTO(position_clear) struct position fence = position_of(connection);
    server_do(connection, "SET after 1");
    server_do(connection, "LPUSH list a b");

    AUTO(error_clear) struct error err = { 0 };
    AUTO(redis_close) struct redis_connection *tail = server_connect(server);
    bool continued = false;
    assert_true(redis_tail(tail, fence.replid, fence.offset + 1, &continued, &err));
    assert_true(continued);
    AUTO(string_free) char *set = next_logged(tail, 10000);
    assert_string_equal(set, "SET after 1");
    AUTO(string_free) char *push = next_logged(tail, 10000);
    assert_string_equal(push, "LPUSH list a b");
    AUTO(string_free) char *none = next_logged(tail, 50);
    assert_null(none);
}

static void a_log_that_is_gone_closes_at_once(void **state) {
    (void)state;
    AUTO(server_stop) struct server *server = server_start(NULL);
    AUTO(redis_close) struct redis_connection *tail = server_connect(server);
    AUTO(error_clear) struct error err = { 0 };
    bool continued = true;
    assert_true(redis_tail(tail, "0123456789012345678901234567890123456789", 5, &continued, &err));
    assert_false(continued);
    AUTO(redis_reply_free) struct redis_reply *command = NULL;
    assert_false(redis_tail_next(tail, REDIS_NOW, &command, &err));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_connection_keeps_no_more_than_its_ceiling),
        cmocka_unit_test(a_flow_keeps_no_more_than_its_ceiling),
        cmocka_unit_test(a_password_is_used_and_a_wrong_one_is_named),
        cmocka_unit_test(what_is_not_there_is_unreachable_with_its_reason),
        cmocka_unit_test(what_a_server_says_before_it_closes_is_heard),
        cmocka_unit_test(two_servers_answer_a_pipeline_in_one_exchange),
        cmocka_unit_test(a_server_that_sleeps_misses_the_deadline_and_stays_failed),
        cmocka_unit_test(a_server_that_dies_is_unreachable),
        cmocka_unit_test(the_tail_gives_exactly_the_commands_since),
        cmocka_unit_test(a_log_that_is_gone_closes_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
