/* Servers that speak TLS: real ones, with certificates made for the test. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "providers/observe/discover.h"
#include "providers/observe/observe.h"
#include "providers/redis/fleet.h"
#include "schemas/base/clock.h"
#include "schemas/base/memory.h"
#include "tests/support/server.h"

#define TIMEOUT_MS 5000

struct fixture {
    struct server *server, *replica;
    uint16_t port, replica_port; /* of TLS */
    char *address, *plain_address;
    char *ca, *other, *certificate, *key;
};

static int bound(const char *host, uint16_t *port) {
    struct sockaddr_in at = { .sin_family = AF_INET };
    socklen_t length = sizeof at;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(inet_pton(AF_INET, host, &at.sin_addr), 1);
    assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &length), 0);
    *port = ntohs(at.sin_port);
    return fd;
}

static void tell(const struct server *server, const char *command) {
    AUTO(redis_close) struct redis_connection *connection = server_connect(server);
    server_do(connection, command);
}

static void make_certificates(const struct server *server) {
    pid_t pid = fork();
    if (pid == 0) {
        (void)execl(TEST_SOURCE_FOLDER "/support/certificates", "certificates", server->folder,
                    server->host, (char *)NULL);
        _exit(127);
    }
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

static uint16_t speak_tls(const struct server *server, const char *folder) {
    uint16_t port;
    (void)close(bound(server->host, &port));
    AUTO(string_free)
    char *files = xasprintf("CONFIG SET tls-cert-file %s/server.pem tls-key-file %s/server.key "
                            "tls-ca-cert-file %s/ca.pem tls-auth-clients no",
                            folder, folder, folder);
    AUTO(string_free) char *open = xasprintf("CONFIG SET tls-port %u", port);
    tell(server, files);
    tell(server, open);
    return port;
}

static int start(void **state) {
    struct fixture *fixture = xcalloc(1, sizeof *fixture);
    fixture->server = server_start(NULL);
    fixture->replica = server_start(NULL);
    const char *folder = fixture->server->folder;
    make_certificates(fixture->server);
    fixture->port = speak_tls(fixture->server, folder);
    fixture->replica_port = speak_tls(fixture->replica, folder);
    fixture->address = redis_address_text(fixture->server->host, fixture->port);
    fixture->plain_address = redis_address_text(fixture->server->host, fixture->server->port);
    fixture->ca = xasprintf("%s/ca.pem", folder);
    fixture->other = xasprintf("%s/other.pem", folder);
    fixture->certificate = xasprintf("%s/client.pem", folder);
    fixture->key = xasprintf("%s/client.key", folder);
    *state = fixture;
    return 0;
}

static int stop(void **state) {
    struct fixture *fixture = *state;
    server_stop(fixture->replica);
    server_stop(fixture->server);
    free(fixture->address);
    free(fixture->plain_address);
    free(fixture->ca);
    free(fixture->other);
    free(fixture->certificate);
    free(fixture->key);
    free(fixture);
    return 0;
}

static struct redis_tls *tls_of(const char *ca, const char *certificate, const char *key,
                                const char *name) {
    AUTO(error_clear) struct error err = { 0 };
    struct redis_tls *tls = NULL;
    const struct redis_tls_files files = { ca, certificate, key, name };
    if (!redis_tls_new(&files, &tls, &err))
        fail_msg("%s", err.message);
    return tls;
}

static bool try_open(const struct fixture *fixture, const struct redis_tls *tls, uint16_t port,
                     struct redis_connection **out, struct error *err) {
    const struct redis_options options = {
        .host = fixture->server->host, .port = port, .tls = tls, .timeout_ms = TIMEOUT_MS
    };
    return redis_open(&options, out, err);
}

static void expect_refused(const struct fixture *fixture, const struct redis_tls *tls,
                           uint16_t port, const char *message, const char *hint) {
    AUTO(error_clear) struct error err = { 0 };
    AUTO(redis_close) struct redis_connection *connection = NULL;
    assert_false(try_open(fixture, tls, port, &connection, &err));
    if (!strstr(err.message, message) || !err.hint || !strstr(err.hint, hint))
        fail_msg("'%s' (%s) is not '%s' (%s)", err.message, err.hint, message, hint);
}

static void a_certificate_is_trusted_by_address_or_by_name(void **state) {
    const struct fixture *fixture = *state;
    const char *const names[] = { NULL, "source.test" };
    for (size_t i = 0; i < COUNT(names); i++) {
        AUTO(error_clear) struct error err = { 0 };
        AUTO(redis_close) struct redis_connection *connection = NULL;
        AUTO(redis_tls_free) struct redis_tls *tls = tls_of(fixture->ca, NULL, NULL, names[i]);
        if (!try_open(fixture, tls, fixture->port, &connection, &err))
            fail_msg("%s", err.message);
        server_do(connection, "PING");
    }
}

static void what_is_not_trusted_is_said_with_what_to_do(void **state) {
    const struct fixture *fixture = *state;
    AUTO(redis_tls_free) struct redis_tls *other = tls_of(fixture->other, NULL, NULL, NULL);
    AUTO(redis_tls_free) struct redis_tls *name = tls_of(fixture->ca, NULL, NULL, "else.test");
    AUTO(redis_tls_free) struct redis_tls *own = tls_of(fixture->ca, NULL, NULL, NULL);
    expect_refused(fixture, other, fixture->port, "not trusted", "source.tls.ca_file");
    expect_refused(fixture, name, fixture->port, "mismatch", "source.tls.server_name");
    expect_refused(fixture, own, fixture->server->port, "handshake", "may not speak TLS");
}

static void a_certificate_that_the_server_wants_is_shown(void **state) {
    const struct fixture *fixture = *state;
    AUTO(redis_tls_free) struct redis_tls *without = tls_of(fixture->ca, NULL, NULL, NULL);
    AUTO(redis_tls_free)
    struct redis_tls *with = tls_of(fixture->ca, fixture->certificate, fixture->key, NULL);
    AUTO(error_clear) struct error err = { 0 };
    AUTO(redis_close) struct redis_connection *connection = NULL;
    tell(fixture->server, "CONFIG SET tls-auth-clients yes");
    expect_refused(fixture, without, fixture->port, "", "source.tls.cert_file");
    if (!try_open(fixture, with, fixture->port, &connection, &err))
        fail_msg("%s", err.message);
    tell(fixture->server, "CONFIG SET tls-auth-clients no");
}

static void files_that_are_none_are_named(void **state) {
    const struct fixture *fixture = *state;
    AUTO(redis_tls_free) struct redis_tls *tls = NULL;
    const struct redis_tls_files bad[] = {
        { .ca_file = "/nowhere/ca.pem" },
        { .ca_file = fixture->key },
        { .ca_file = fixture->ca, .cert_file = "/nowhere/client.pem", .key_file = fixture->key },
        { .ca_file = fixture->ca, .cert_file = fixture->ca, .key_file = fixture->key },
    };
    for (size_t i = 0; i < COUNT(bad); i++) {
        AUTO(error_clear) struct error err = { 0 };
        assert_false(redis_tls_new(&bad[i], &tls, &err));
        assert_int_equal(err.code, ERROR_CONFIG);
        assert_non_null(strstr(err.message, "_file"));
    }
}

static void long_values_go_both_ways(void **state) {
    const struct fixture *fixture = *state;
    AUTO(redis_tls_free) struct redis_tls *tls = tls_of(fixture->ca, NULL, NULL, NULL);
    AUTO(error_clear) struct error err = { 0 };
    AUTO(redis_close) struct redis_connection *connection = NULL;
    assert_true(try_open(fixture, tls, fixture->port, &connection, &err));
    const size_t length = (size_t)24 << 20;
    AUTO(string_free) char *value = xcalloc(1, length + 1);
    memset(value, 'x', length);
    for (size_t round = 0; round < 3; round++) {
        AUTO(redis_reply_free) struct redis_reply *stored = NULL, *read = NULL;
        redis_queue_words(connection, "SET", "key", value, NULL);
        redis_queue_words(connection, "GET", "key", NULL);
        redis_exchange(&connection, 1, clock_mono_ms() + TIMEOUT_MS);
        assert_true(redis_take(connection, &stored, &err));
        if (!redis_take(connection, &read, &err))
            fail_msg("%s", err.message);
        assert_int_equal(read->length, length);
        assert_memory_equal(read->bytes, value, length);
    }
}

static void many_are_asked_at_once_and_the_silent_are_given_up(void **state) {
    const struct fixture *fixture = *state;
    AUTO(redis_tls_free) struct redis_tls *tls = tls_of(fixture->ca, NULL, NULL, NULL);
    uint16_t port;
    int silent = bound(fixture->server->host, &port);
    assert_int_equal(listen(silent, 4), 0);
    AUTO(string_free) char *silent_address = redis_address_text(fixture->server->host, port);
    struct fleet_node nodes[60] = { 0 };
    for (size_t i = 0; i < COUNT(nodes); i++)
        nodes[i].address = fixture->address;
    nodes[7].address = silent_address;
    nodes[8].address = fixture->plain_address;
    const struct fleet fleet = { .tls = tls, .timeout_ms = 3000, .client_name = "fleet" };
    fleet_ask(&fleet, nodes, COUNT(nodes));
    for (size_t i = 0; i < COUNT(nodes); i++)
        assert_int_equal(nodes[i].problem.code, i == 7 || i == 8 ? ERROR_DEADLINE : ERROR_NONE);
    fleet_nodes_clear(nodes, COUNT(nodes));
    (void)close(silent);
}

/* The replica registers with the primary by its TLS port; the service is told the plaintext one. */
static void a_source_is_seen_over_tls_by_a_user_of_few_rights(void **state) {
    const struct fixture *fixture = *state;
    AUTO(redis_tls_free) struct redis_tls *tls = tls_of(fixture->ca, NULL, NULL, NULL);
    AUTO(secret_free) struct secret *password = secret_new("look", 4);
    const struct server *const servers[] = { fixture->server, fixture->replica };
    for (size_t i = 0; i < COUNT(servers); i++) {
        tell(servers[i], "ACL SETUSER looker on >look +info +config|get +client +ping +command "
                         "+module|list");
        tell(servers[i], "CONFIG SET tls-replication yes");
    }
    AUTO(string_free)
    char *follow = xasprintf("REPLICAOF %s %u", fixture->server->host, fixture->port);
    tell(fixture->replica, follow);
    AUTO(config_clear) struct config config = { 0 };
    config.source.timeout_ms = TIMEOUT_MS;
    config.source.username = xstrdup("looker");
    strings_add(&config.source.nodes, fixture->address);
    const struct observe_source_options options = { .config = &config,
                                                    .password = password,
                                                    .tls = tls };
    for (int64_t until_mono_ms = clock_mono_ms() + 20000;;) {
        AUTO(observed_clear) struct observed seen = { 0 };
        observe_source(&options, &seen.source);
        const struct observed_node *node = &seen.source.nodes.items[0];
        if (!node->reachable)
            fail_msg("%s", node->problem);
        assert_string_equal(node->service_address, fixture->plain_address);
        assert_false(node->password_required);
        if (seen.source.nodes.count == 2 && seen.source.nodes.items[1].reachable) {
            assert_string_equal(seen.source.nodes.items[1].role, "slave");
            break;
        }
        assert_true(clock_mono_ms() < until_mono_ms);
        clock_sleep_ms(50);
    }
    AUTO(topology_clear) struct topology topology = { 0 };
    AUTO(error_clear) struct error err = { 0 };
    if (!topology_discover(&(struct discovery){ .source = &config.source,
                                                .password = password,
                                                .tls = tls,
                                                .deadline_mono_ms = clock_mono_ms() + TIMEOUT_MS },
                           &topology, &err))
        fail_msg("%s", err.message);
    assert_int_equal(topology.items[0].replicas.count, 1);
}

static void a_cluster_is_found_over_tls(void **state) {
    const struct fixture *fixture = *state;
    AUTO(string_free) char *certificate = xasprintf("%s/server.pem", fixture->server->folder);
    AUTO(string_free) char *key = xasprintf("%s/server.key", fixture->server->folder);
    AUTO(string_free) char *number = NULL;
    uint16_t port;
    (void)close(bound(fixture->server->host, &port));
    number = xasprintf("%u", port);
    const char *const mode[] = { "--cluster-enabled",
                                 "yes",
                                 "--tls-cluster",
                                 "yes",
                                 "--tls-port",
                                 number,
                                 "--tls-cert-file",
                                 certificate,
                                 "--tls-key-file",
                                 key,
                                 "--tls-ca-cert-file",
                                 fixture->ca,
                                 "--tls-auth-clients",
                                 "no",
                                 NULL };
    AUTO(redis_tls_free) struct redis_tls *tls = tls_of(fixture->ca, NULL, NULL, NULL);
    AUTO(server_stop) struct server *server = server_start(mode);
    tell(server, "CLUSTER ADDSLOTSRANGE 0 16383");
    AUTO(string_free) char *seed = redis_address_text(server->host, port);
    AUTO(string_free) char *plain = redis_address_text(server->host, server->port);
    AUTO(config_clear) struct config config = { 0 };
    AUTO(observed_clear) struct observed seen = { 0 };
    config.source.topology = TOPOLOGY_CLUSTER;
    config.source.timeout_ms = TIMEOUT_MS;
    strings_add(&config.source.nodes, seed);
    const struct observe_source_options options = { .config = &config, .tls = tls };
    observe_source(&options, &seen.source);
    assert_int_equal(seen.source.nodes.count, 1);
    if (!seen.source.nodes.items[0].reachable)
        fail_msg("%s", seen.source.nodes.items[0].problem);
    assert_string_equal(seen.source.shards.items[0].primary, seed);
    assert_string_equal(seen.source.nodes.items[0].service_address, plain);
}

static void look(const struct config *config, const struct redis_tls *tls, const char *primary,
                 const char *replica) {
    const struct observe_source_options options = { .config = config, .tls = tls };
    AUTO(observed_clear) struct observed seen = { 0 };
    AUTO(topology_clear) struct topology topology = { 0 };
    AUTO(error_clear) struct error err = { 0 };
    observe_source(&options, &seen.source);
    assert_int_equal(seen.source.nodes.count, replica ? 2 : 1);
    for (size_t i = 0; i < seen.source.nodes.count; i++)
        if (!seen.source.nodes.items[i].reachable)
            fail_msg("%s", seen.source.nodes.items[i].problem);
    assert_string_equal(seen.source.shards.items[0].primary, primary);
    if (!topology_discover(&(struct discovery){ .source = &config->source,
                                                .tls = tls,
                                                .deadline_mono_ms = clock_mono_ms() + TIMEOUT_MS },
                           &topology, &err))
        fail_msg("%s", err.message);
    assert_string_equal(topology.items[0].primary, primary);
    assert_int_equal(topology.items[0].replicas.count, replica ? 1 : 0);
    if (replica)
        assert_string_equal(topology.items[0].replicas.items[0], replica);
}

/* The replica follows in plaintext, and a Sentinel watches the plaintext port. */
static void servers_named_by_another_port_are_asked_at_that_of_tls(void **state) {
    const struct fixture *fixture = *state;
    AUTO(redis_tls_free) struct redis_tls *tls = tls_of(fixture->ca, NULL, NULL, NULL);
    AUTO(string_free)
    char *replica = redis_address_text(fixture->server->host, fixture->replica_port);
    AUTO(config_clear) struct config config = { 0 };
    config.source.timeout_ms = TIMEOUT_MS;
    config.source.tls.port = fixture->replica_port;
    strings_add(&config.source.nodes, fixture->address);
    server_follow(fixture->replica, fixture->server);
    look(&config, tls, fixture->address, replica);
    tell(fixture->replica, "REPLICAOF NO ONE");
    server_wait_for(fixture->server, "INFO replication", "connected_slaves:0", true);
    uint16_t port;
    AUTO(server_stop)
    struct server *sentinel = server_start_tls_sentinel(
        "m", fixture->server->host, fixture->server->port, fixture->server->folder, false, &port);
    AUTO(string_free) char *seed = redis_address_text(sentinel->host, port);
    config.source.tls.port = fixture->port;
    config.source.topology = TOPOLOGY_SENTINEL;
    config.source.sentinel_master = xstrdup("m");
    strings_clear(&config.source.nodes);
    strings_add(&config.source.nodes, seed);
    look(&config, tls, fixture->address, NULL);
}

/* Both servers replicate over TLS since the test before the last. */
static void sentinels_and_what_they_watch_are_found_over_tls(void **state) {
    const struct fixture *fixture = *state;
    const char *folder = fixture->server->folder, *host = fixture->server->host;
    AUTO(redis_tls_free) struct redis_tls *tls = tls_of(fixture->ca, NULL, NULL, NULL);
    uint16_t ports[2];
    AUTO(server_stop)
    struct server *first =
        server_start_tls_sentinel("m", host, fixture->port, folder, true, &ports[0]);
    AUTO(server_stop)
    struct server *second =
        server_start_tls_sentinel("m", host, fixture->port, folder, true, &ports[1]);
    assert_non_null(second); /* found through the first, by its port of TLS */
    AUTO(string_free) char *seed = redis_address_text(first->host, ports[0]);
    AUTO(string_free) char *replica = redis_address_text(host, fixture->replica_port);
    AUTO(config_clear) struct config config = { 0 };
    config.source.topology = TOPOLOGY_SENTINEL;
    config.source.sentinel_master = xstrdup("m");
    config.source.timeout_ms = TIMEOUT_MS;
    strings_add(&config.source.nodes, seed);
    const struct observe_source_options options = { .config = &config, .tls = tls };
    for (int64_t until_mono_ms = clock_mono_ms() + 20000;;) {
        AUTO(observed_clear) struct observed seen = { 0 };
        observe_source(&options, &seen.source);
        if (seen.source.agreement.sentinels == 2 && seen.source.nodes.count == 2) {
            assert_string_equal(seen.source.nodes.items[0].service_address, fixture->plain_address);
            break;
        }
        assert_true(clock_mono_ms() < until_mono_ms);
        clock_sleep_ms(50);
    }
    look(&config, tls, fixture->address, replica);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_certificate_is_trusted_by_address_or_by_name),
        cmocka_unit_test(what_is_not_trusted_is_said_with_what_to_do),
        cmocka_unit_test(a_certificate_that_the_server_wants_is_shown),
        cmocka_unit_test(files_that_are_none_are_named),
        cmocka_unit_test(long_values_go_both_ways),
        cmocka_unit_test(many_are_asked_at_once_and_the_silent_are_given_up),
        cmocka_unit_test(servers_named_by_another_port_are_asked_at_that_of_tls),
        cmocka_unit_test(a_source_is_seen_over_tls_by_a_user_of_few_rights),
        cmocka_unit_test(a_cluster_is_found_over_tls),
        cmocka_unit_test(sentinels_and_what_they_watch_are_found_over_tls),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
