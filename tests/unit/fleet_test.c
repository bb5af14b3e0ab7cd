#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "providers/redis/fleet.h"
#include "schemas/base/memory.h"
#include "tests/support/server.h"

#define NODE_COUNT 300

struct fixture {
    struct server *open, *closed; /* without a password, and with "secret" */
    char *open_address, *closed_address, *silent_address, *dead_address;
    int silent;
};

static int listen_at(const char *host, char **address) {
    struct sockaddr_in at = { .sin_family = AF_INET };
    socklen_t length = sizeof at;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(inet_pton(AF_INET, host, &at.sin_addr), 1);
    assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &length), 0);
    assert_int_equal(listen(fd, 16), 0);
    *address = redis_address_text(host, ntohs(at.sin_port));
    return fd;
}

static int start(void **state) {
    struct fixture *fixture = xcalloc(1, sizeof *fixture);
    const char *const password[] = { "--requirepass", "secret", NULL };
    fixture->open = server_start(NULL);
    fixture->closed = server_start(password);
    fixture->open_address = redis_address_text(fixture->open->host, fixture->open->port);
    fixture->closed_address = redis_address_text(fixture->closed->host, fixture->closed->port);
    fixture->silent = listen_at("127.77.41.1", &fixture->silent_address);
    (void)close(listen_at("127.77.41.2", &fixture->dead_address));
    *state = fixture;
    return 0;
}

static int stop(void **state) {
    struct fixture *fixture = *state;
    server_stop(fixture->open);
    server_stop(fixture->closed);
    (void)close(fixture->silent);
    free(fixture->open_address);
    free(fixture->closed_address);
    free(fixture->silent_address);
    free(fixture->dead_address);
    free(fixture);
    return 0;
}

struct asked {
    size_t answer_count;
    int64_t last;
};

static void ask(void *context, size_t index, struct redis_connection *connection) {
    (void)context;
    AUTO(string_free) char *word = xasprintf("%zu", index);
    redis_queue_words(connection, "ECHO", word, NULL);
    redis_queue_words(connection, "NOSUCHCOMMAND", NULL);
}

static bool answer(void *context, size_t index, struct redis_connection *connection,
                   struct error *err) {
    struct asked *asked = context;
    AUTO(redis_reply_free) struct redis_reply *echo = NULL, *fault = NULL;
    if (!redis_take(connection, &echo, err) || !redis_take(connection, &fault, err))
        return false;
    assert_int_equal(fault->type, REDIS_FAULT);
    assert_int_equal(strtol(redis_text(echo), NULL, 10), index);
    asked->answer_count++;
    return index != 7 || error_set(err, ERROR_FORMAT, "not liked");
}

static void the_dead_hold_up_nobody(void **state) {
    const struct fixture *fixture = *state;
    struct asked asked = { 0 };
    struct fleet_node nodes[NODE_COUNT] = { 0 };
    for (size_t i = 0; i < NODE_COUNT; i++)
        nodes[i].address = fixture->open_address;
    nodes[3].address = fixture->dead_address;
    nodes[4].address = "no address";
    nodes[5].address = fixture->silent_address;
    nodes[6].address = fixture->closed_address;
    const struct fleet fleet = {
        .timeout_ms = 1500, .in_flight = 5, .ask = ask, .answer = answer, .context = &asked
    };
    fleet_ask(&fleet, nodes, NODE_COUNT);
    assert_int_equal(asked.answer_count, NODE_COUNT - 4);
    assert_int_equal(nodes[3].problem.code, ERROR_UNREACHABLE);
    assert_int_equal(nodes[4].problem.code, ERROR_FORMAT);
    assert_int_equal(nodes[5].problem.code, ERROR_DEADLINE);
    assert_true(error_is_remote(&nodes[6].problem, "NOAUTH"));
    assert_string_equal(nodes[7].problem.message, "not liked");
    for (size_t i = 0; i < NODE_COUNT; i++)
        if (i < 3 || i > 7)
            assert_int_equal(nodes[i].problem.code, ERROR_NONE);
    fleet_nodes_clear(nodes, NODE_COUNT);
}

static void connections_that_are_kept_go_on_working(void **state) {
    const struct fixture *fixture = *state;
    AUTO(error_clear) struct error err = { 0 };
    AUTO(secret_free) struct secret *password = secret_new("secret", 6);
    struct fleet_node nodes[40] = { 0 };
    for (size_t i = 0; i < COUNT(nodes); i++)
        nodes[i].address = fixture->closed_address;
    const struct fleet fleet = {
        .timeout_ms = 5000, .password = password, .client_name = "fleet", .keep = true
    };
    fleet_ask(&fleet, nodes, COUNT(nodes));
    for (size_t i = 0; i < COUNT(nodes); i++) {
        AUTO(redis_reply_free) struct redis_reply *name = NULL;
        assert_non_null(nodes[i].connection);
        assert_true(
            redis_call(nodes[i].connection, REDIS_NOW, &name, &err, "CLIENT", "GETNAME", NULL));
        assert_string_equal(redis_text(name), "fleet");
    }
    fleet_nodes_clear(nodes, COUNT(nodes));
}

static void it_is_seen_whether_the_password_is_asked_for(void **state) {
    const struct fixture *fixture = *state;
    AUTO(secret_free) struct secret *password = secret_new("secret", 6);
    AUTO(secret_free) struct secret *other = secret_new("secres", 6);
    struct fleet_node nodes[2] = { { .address = fixture->closed_address },
                                   { .address = fixture->open_address } };
    struct fleet fleet = { .timeout_ms = 5000, .password = password, .without_password = true };
    fleet_ask(&fleet, nodes, COUNT(nodes));
    assert_int_equal(nodes[0].problem.code, ERROR_NONE);
    assert_false(nodes[0].lets_anybody_in);
    assert_true(nodes[1].lets_anybody_in);
    assert_int_equal(nodes[1].problem.code, ERROR_REFUSED);
    fleet_nodes_clear(nodes, COUNT(nodes));
    fleet.password = other;
    fleet_ask(&fleet, nodes, 1);
    assert_true(error_is_remote(&nodes[0].problem, "WRONGPASS"));
    assert_null(strstr(nodes[0].problem.message, "secre"));
    fleet_nodes_clear(nodes, 1);
}

static void an_empty_fleet_is_done_at_once(void **state) {
    (void)state;
    fleet_ask(&(struct fleet){ .timeout_ms = 1000 }, NULL, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_dead_hold_up_nobody),
        cmocka_unit_test(connections_that_are_kept_go_on_working),
        cmocka_unit_test(it_is_seen_whether_the_password_is_asked_for),
        cmocka_unit_test(an_empty_fleet_is_done_at_once),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
