/* What answers at the source's address: a server of its own, or one of several. */
#include <arpa/inet.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "schemas/base/memory.h"
#include "tests/support/look.h"
#include "tests/support/server.h"

/* Passes connections on to its servers in turn. */
struct balancer {
    pid_t pid;
    char *address;
};

static struct sockaddr_in at(const char *host, uint16_t port) {
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(port) };
    assert_int_equal(inet_pton(AF_INET, host, &address.sin_addr), 1);
    return address;
}

static bool pass_on(int from, int to) {
    char bytes[65536];
    ssize_t length = read(from, bytes, sizeof bytes);
    return length > 0 && write(to, bytes, (size_t)length) == length;
}

static void serve(int client, const struct server *server) {
    struct sockaddr_in address = at(server->host, server->port);
    int back = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connect(back, (struct sockaddr *)&address, sizeof address) != 0)
        _exit(1);
    struct pollfd ends[] = { { .fd = client, .events = POLLIN }, { .fd = back, .events = POLLIN } };
    for (;;) {
        (void)poll(ends, COUNT(ends), -1);
        if ((ends[0].revents && !pass_on(client, back)) ||
            (ends[1].revents && !pass_on(back, client)))
            _exit(0);
    }
}

static void balance(int listener, struct server *const *servers, size_t count) {
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    (void)signal(SIGCHLD, SIG_IGN);
    for (size_t turn = 0;; turn++) {
        int client = accept(listener, NULL, NULL);
        if (client < 0)
            _exit(1);
        if (fork() == 0) {
            (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
            serve(client, servers[turn % count]);
        }
        (void)close(client);
    }
}

static struct balancer balancer_open(struct server *const *servers, size_t count) {
    struct sockaddr_in address = at("127.77.42.9", 0);
    socklen_t size = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(listener, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(listener, 8), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&address, &size), 0);
    struct balancer balancer = { fork(), xasprintf("127.77.42.9:%d", ntohs(address.sin_port)) };
    if (balancer.pid == 0)
        balance(listener, servers, count);
    (void)close(listener);
    return balancer;
}

static void balancer_close(struct balancer *balancer) {
    (void)kill(balancer->pid, SIGKILL);
    (void)waitpid(balancer->pid, NULL, 0);
    free(balancer->address);
}

static void look_through(struct server *const *servers, size_t count, struct observed *out) {
    struct balancer balancer = balancer_open(servers, count);
    AUTO(config_clear) struct config config = { 0 };
    look_set_source(&config, TOPOLOGY_STANDALONE, balancer.address);
    look_around(&config, out);
    balancer_close(&balancer);
    assert_true(out->source.nodes.items[0].reachable);
}

static void a_server_of_its_own_is_told_as_it_is(void **state) {
    (void)state;
    AUTO(server_stop) struct server *server = server_start(NULL);
    AUTO(string_free) char *address = redis_address_text(server->host, server->port);
    AUTO(config_clear) struct config config = { 0 };
    AUTO(observed_clear) struct observed observed = { 0 };
    look_set_source(&config, TOPOLOGY_STANDALONE, address);
    look_around(&config, &observed);
    const struct observed_node *node = &observed.source.nodes.items[0];
    assert_false(node->shares_address);
    assert_false(node->is_translated);
    assert_string_equal(node->answers_at, address);
    assert_int_equal(node->listens_on, server->port);
    assert_true(node->clients_count >= 1);
    assert_in_range(node->clock_ahead_ms + 3000, 0, 6000);
    assert_string_equal(pairs_find(&node->settings, "timeout"), "0");
    assert_string_equal(pairs_find(&node->settings, "lua-time-limit"), "5000");
}

static void servers_that_share_an_address_are_noticed(void **state) {
    (void)state;
    AUTO(server_stop) struct server *first = server_start(NULL);
    AUTO(server_stop) struct server *second = server_start(NULL);
    AUTO(observed_clear) struct observed observed = { 0 };
    look_through((struct server *const[]){ first, second }, 2, &observed);
    assert_true(observed.source.nodes.items[0].shares_address);
}

static void one_server_behind_another_port_says_so(void **state) {
    (void)state;
    AUTO(server_stop) struct server *server = server_start(NULL);
    AUTO(observed_clear) struct observed observed = { 0 };
    look_through(&server, 1, &observed);
    assert_false(observed.source.nodes.items[0].shares_address);
    AUTO(string_free) char *own = redis_address_text(server->host, server->port);
    assert_int_equal(observed.source.nodes.items[0].listens_on, server->port);
    assert_true(observed.source.nodes.items[0].is_translated);
    assert_string_equal(observed.source.nodes.items[0].answers_at, own);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_server_of_its_own_is_told_as_it_is),
        cmocka_unit_test(servers_that_share_an_address_are_noticed),
        cmocka_unit_test(one_server_behind_another_port_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
