/* A cluster as its members tell it, from whichever of them is asked. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "providers/observe/discover.h"
#include "providers/observe/observe.h"
#include "schemas/base/clock.h"
#include "schemas/base/memory.h"
#include "tests/support/look.h"
#include "tests/support/server.h"

#define SHARD_COUNT 3

/* Three primaries; the fourth server is a replica of the first. */
struct cluster {
    struct server *servers[SHARD_COUNT + 1];
    char *addresses[SHARD_COUNT + 1];
};

static void meet(const struct cluster *cluster) {
    for (size_t i = 0; i < COUNT(cluster->servers); i++) {
        const struct server *server = cluster->servers[i];
        AUTO(string_free) char *epoch = xasprintf("CLUSTER SET-CONFIG-EPOCH %zu", i + 1);
        server_tell(server, epoch);
        if (i < SHARD_COUNT) {
            AUTO(string_free)
            char *slots = xasprintf("CLUSTER ADDSLOTSRANGE %zu %zu", i * 5461,
                                    i == SHARD_COUNT - 1 ? (size_t)16383 : (i + 1) * 5461 - 1);
            server_tell(server, slots);
        }
        AUTO(redis_close) struct redis_connection *connection = server_connect(server);
        AUTO(redis_reply_free)
        struct redis_reply *bus = server_run(connection, "CONFIG GET cluster-port");
        AUTO(string_free)
        char *hello = xasprintf("CLUSTER MEET %s %u %s", server->host, server->port,
                                redis_text(bus->elements[1]));
        if (i > 0)
            server_tell(cluster->servers[0], hello);
    }
}

static void stop_cluster(struct cluster *cluster) {
    for (size_t i = 0; i < COUNT(cluster->servers); i++) {
        server_stop(cluster->servers[i]);
        free(cluster->addresses[i]);
    }
}

static struct cluster start_cluster(void) {
    const char *const mode[] = { "--cluster-enabled",
                                 "yes",
                                 "--cluster-node-timeout",
                                 "1000",
                                 "--cluster-require-full-coverage",
                                 "yes",
                                 NULL };
    struct cluster cluster;
    for (size_t i = 0; i < COUNT(cluster.servers); i++) {
        cluster.servers[i] = server_start(mode);
        cluster.addresses[i] =
            redis_address_text(cluster.servers[i]->host, cluster.servers[i]->port);
    }
    meet(&cluster);
    for (size_t i = 0; i < COUNT(cluster.servers); i++) {
        server_wait_for(cluster.servers[i], "CLUSTER INFO", "cluster_known_nodes:4", true);
        server_wait_for(cluster.servers[i], "CLUSTER NODES", "handshake", false);
    }
    AUTO(string_free) char *id = server_ask(cluster.servers[0], "CLUSTER MYID");
    AUTO(string_free) char *follow = xasprintf("CLUSTER REPLICATE %s", id);
    server_tell(cluster.servers[SHARD_COUNT], follow);
    for (size_t i = 0; i < COUNT(cluster.servers); i++) {
        server_wait_for(cluster.servers[i], "CLUSTER NODES", "slave", true);
        server_wait_for(cluster.servers[i], "CLUSTER INFO", "cluster_state:ok", true);
    }
    server_wait_for(cluster.servers[0], "INFO replication", "slave0:", true);
    return cluster;
}

static void expect_well(const struct observed_source *source, const struct cluster *cluster) {
    assert_int_equal(source->nodes.count, SHARD_COUNT + 1);
    assert_int_equal(source->shards.count, SHARD_COUNT);
    assert_string_equal(source->shards.items[0].slots, "0-5460");
    assert_string_equal(source->shards.items[0].replicas.items[0], cluster->addresses[SHARD_COUNT]);
    assert_string_equal(source->shards.items[2].primary, cluster->addresses[2]);
    assert_string_equal(source->nodes.items[1].address, cluster->addresses[SHARD_COUNT]);
    assert_string_equal(source->nodes.items[1].follows, cluster->addresses[0]);
    for (size_t i = 0; i < source->nodes.count; i++) {
        assert_true(source->nodes.items[i].reachable);
        assert_true(source->nodes.items[i].cluster_enabled);
        assert_int_equal(strlen(source->nodes.items[i].node_id), 40);
        assert_string_equal(pairs_find(&source->nodes.items[i].settings, "appendonly"), "no");
    }
    assert_string_equal(source->agreement.state, "ok");
    assert_int_equal(source->agreement.failing.count, 0);
    assert_int_equal(source->agreement.other_views.count, 0);
    assert_int_equal(source->agreement.unserved.count, 0);
    assert_int_equal(source->agreement.open_slots.count, 0);
}

static void a_slot_on_the_move_is_seen(const struct config *config, const struct cluster *cluster) {
    AUTO(string_free) char *other = server_ask(cluster->servers[1], "CLUSTER MYID");
    AUTO(string_free) char *move = xasprintf("CLUSTER SETSLOT 93 MIGRATING %s", other);
    AUTO(string_free) char *wanted = xasprintf("%s 93 migrating", cluster->addresses[0]);
    server_tell(cluster->servers[0], move);
    AUTO(observed_clear) struct observed observed = { 0 };
    look_around(config, &observed);
    assert_int_equal(observed.source.agreement.open_slots.count, 1);
    assert_string_equal(observed.source.agreement.open_slots.items[0], wanted);
    assert_int_equal(observed.source.agreement.other_views.count, 0);
    server_tell(cluster->servers[0], "CLUSTER SETSLOT 93 STABLE");
}

static void another_view_is_seen(const struct config *config, const struct cluster *cluster) {
    server_tell(cluster->servers[2], "CLUSTER DELSLOTS 16383");
    AUTO(observed_clear) struct observed observed = { 0 };
    look_around(config, &observed);
    assert_string_equal(observed.source.agreement.state, "fail");
    assert_true(observed.source.agreement.other_views.count >= 1);
    server_tell(cluster->servers[2], "CLUSTER ADDSLOTS 16383");
}

/* Its replica takes over: the topology differs by that. */
static void a_failover_is_seen(const struct config *config, const struct cluster *cluster) {
    AUTO(topology_clear) struct topology before = { 0 }, now = { 0 };
    AUTO(string_free)
    char *wanted = xasprintf("%s is now the primary of 0-5460", cluster->addresses[SHARD_COUNT]);
    look_discover(config, &before);
    assert_int_equal(before.count, SHARD_COUNT);
    assert_null(topology_difference(&before, &before));
    server_tell(cluster->servers[SHARD_COUNT], "CLUSTER FAILOVER");
    server_wait_for(cluster->servers[1], "CLUSTER NODES", "slave", true);
    int64_t deadline_mono_ms = clock_mono_ms() + LOOK_SETTLED_MS;
    for (;;) {
        look_discover(config, &now);
        AUTO(string_free) char *difference = topology_difference(&before, &now);
        if (difference && strcmp(difference, wanted) == 0)
            return;
        if (clock_left_ms(deadline_mono_ms) == 0)
            fail_msg("%s", difference ? difference : "no difference");
        clock_sleep_ms(20);
    }
}

static void dead_members_are_lines_of_their_own(const struct config *config,
                                                const struct cluster *cluster) {
    (void)kill(cluster->servers[2]->pid, SIGKILL);
    server_wait_for(cluster->servers[1], "CLUSTER INFO", "cluster_state:fail", true);
    AUTO(observed_clear) struct observed observed = { 0 };
    look_around(config, &observed);
    const struct observed_source *source = &observed.source;
    assert_int_equal(source->nodes.count, SHARD_COUNT + 1);
    assert_string_equal(source->agreement.state, "fail");
    assert_string_equal(source->agreement.failing.items[0], cluster->addresses[2]);
    for (size_t i = 0; i < source->nodes.count; i++) {
        const struct observed_node *node = &source->nodes.items[i];
        assert_int_equal(node->reachable, strcmp(node->address, cluster->addresses[2]) != 0);
        if (!node->reachable)
            assert_string_equal(node->problem_code, "unreachable");
    }
}

static void a_cluster_is_seen_from_any_seed(void **state) {
    (void)state;
    struct cluster cluster = start_cluster();
    for (size_t i = 0; i < COUNT(cluster.servers); i++) {
        AUTO(config_clear) struct config config = { 0 };
        AUTO(observed_clear) struct observed observed = { 0 };
        look_set_source(&config, TOPOLOGY_CLUSTER, LOOK_NOBODY); /* nobody is there */
        strings_add(&config.source.nodes, cluster.addresses[i]);
        look_around(&config, &observed);
        expect_well(&observed.source, &cluster);
    }
    AUTO(config_clear) struct config config = { 0 };
    look_set_source(&config, TOPOLOGY_CLUSTER, cluster.addresses[1]);
    a_slot_on_the_move_is_seen(&config, &cluster);
    another_view_is_seen(&config, &cluster);
    for (size_t i = 0; i < COUNT(cluster.servers); i++)
        server_wait_for(cluster.servers[i], "CLUSTER INFO", "cluster_state:ok", true);
    a_failover_is_seen(&config, &cluster);
    dead_members_are_lines_of_their_own(&config, &cluster);
    stop_cluster(&cluster);
}

static void an_announced_address_that_nobody_answers_at_is_named(void **state) {
    (void)state;
    const char *const mode[] = { "--cluster-enabled", "yes", "--cluster-announce-ip", "127.77.42.2",
                                 NULL };
    AUTO(server_stop) struct server *server = server_start(mode);
    server_tell(server, "CLUSTER ADDSLOTSRANGE 0 16383");
    server_wait_for(server, "CLUSTER NODES", "127.77.42.2", true);
    AUTO(string_free) char *seed = redis_address_text(server->host, server->port);
    AUTO(config_clear) struct config config = { 0 };
    AUTO(observed_clear) struct observed observed = { 0 };
    AUTO(topology_clear) struct topology topology = { 0 };
    AUTO(error_clear) struct error err = { 0 };
    look_set_source(&config, TOPOLOGY_CLUSTER, seed);
    assert_false(topology_discover(
        &(struct discovery){ .source = &config.source,
                             .deadline_mono_ms = clock_mono_ms() + LOOK_TIMEOUT_MS },
        &topology, &err));
    assert_int_equal(err.code, ERROR_UNREACHABLE);
    assert_non_null(strstr(err.message, seed));
    assert_non_null(strstr(err.message, "127.77.42.2"));
    look_around(&config, &observed);
    assert_int_equal(observed.source.nodes.count, 1);
    assert_non_null(strstr(observed.source.nodes.items[0].problem, seed));
    assert_non_null(strstr(observed.source.nodes.items[0].problem, "127.77.42.2"));
}

static void a_user_that_may_not_ask_for_the_nodes_gets_the_shards(void **state) {
    (void)state;
    const char *const mode[] = { "--cluster-enabled", "yes", NULL };
    AUTO(server_stop) struct server *server = server_start(mode);
    server_tell(server, "CLUSTER ADDSLOTSRANGE 0 16383");
    server_tell(server, "ACL SETUSER low on >low ~* +@all -cluster|nodes");
    AUTO(string_free) char *seed = redis_address_text(server->host, server->port);
    AUTO(config_clear) struct config config = { 0 };
    AUTO(topology_clear) struct topology topology = { 0 };
    AUTO(error_clear) struct error err = { 0 };
    AUTO(secret_free) struct secret *password = secret_new("low", 3);
    look_set_source(&config, TOPOLOGY_CLUSTER, seed);
    config.source.username = xstrdup("low");
    if (!topology_discover(
            &(struct discovery){ .source = &config.source,
                                 .password = password,
                                 .deadline_mono_ms = clock_mono_ms() + LOOK_TIMEOUT_MS },
            &topology, &err))
        fail_msg("%s", err.message);
    assert_int_equal(topology.count, 1);
    assert_string_equal(topology.items[0].primary, seed);
    server_tell(server, "ACL SETUSER low -cluster|shards -cluster|slots");
    assert_false(topology_discover(
        &(struct discovery){ .source = &config.source,
                             .password = password,
                             .deadline_mono_ms = clock_mono_ms() + LOOK_TIMEOUT_MS },
        &topology, &err));
    assert_true(error_is_remote(&err, "NOPERM"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cluster_is_seen_from_any_seed),
        cmocka_unit_test(an_announced_address_that_nobody_answers_at_is_named),
        cmocka_unit_test(a_user_that_may_not_ask_for_the_nodes_gets_the_shards),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
