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
#include "providers/observe/shards.h"
#include "providers/redis/info.h"
#include "schemas/base/clock.h"
#include "schemas/base/memory.h"
#include "tests/support/server.h"

#define SHARD_COUNT 3
#define SETTLED_WITHIN_MS 30000
#define TIMEOUT_MS 3000

/* Three primaries; the fourth server is a replica of the first. */
struct cluster {
    struct server *servers[SHARD_COUNT + 1];
    char *addresses[SHARD_COUNT + 1];
};

static char *ask_text(const struct server *server, const char *command) {
    AUTO(redis_close) struct redis_connection *connection = server_connect(server);
    AUTO(redis_reply_free) struct redis_reply *reply = server_run(connection, command);
    return xstrdup(redis_text(reply));
}

static void tell(const struct server *server, const char *command) {
    free(ask_text(server, command));
}

static void wait_for(const struct server *server, const char *command, const char *part,
                     bool there) {
    int64_t deadline_mono_ms = clock_mono_ms() + SETTLED_WITHIN_MS;
    for (;;) {
        AUTO(string_free) char *answer = ask_text(server, command);
        if ((strstr(answer, part) != NULL) == there)
            return;
        if (clock_left_ms(deadline_mono_ms) == 0)
            fail_msg("%s: %s in: %s", command, part, answer);
        clock_sleep_ms(20);
    }
}

static void meet(const struct cluster *cluster) {
    for (size_t i = 0; i < COUNT(cluster->servers); i++) {
        const struct server *server = cluster->servers[i];
        AUTO(string_free) char *epoch = xasprintf("CLUSTER SET-CONFIG-EPOCH %zu", i + 1);
        tell(server, epoch);
        if (i < SHARD_COUNT) {
            AUTO(string_free)
            char *slots = xasprintf("CLUSTER ADDSLOTSRANGE %zu %zu", i * 5461,
                                    i == SHARD_COUNT - 1 ? (size_t)16383 : (i + 1) * 5461 - 1);
            tell(server, slots);
        }
        AUTO(redis_close) struct redis_connection *connection = server_connect(server);
        AUTO(redis_reply_free)
        struct redis_reply *bus = server_run(connection, "CONFIG GET cluster-port");
        AUTO(string_free)
        char *hello = xasprintf("CLUSTER MEET %s %u %s", server->host, server->port,
                                redis_text(bus->elements[1]));
        if (i > 0)
            tell(cluster->servers[0], hello);
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
        wait_for(cluster.servers[i], "CLUSTER INFO", "cluster_known_nodes:4", true);
        wait_for(cluster.servers[i], "CLUSTER NODES", "handshake", false);
    }
    AUTO(string_free) char *id = ask_text(cluster.servers[0], "CLUSTER MYID");
    AUTO(string_free) char *follow = xasprintf("CLUSTER REPLICATE %s", id);
    tell(cluster.servers[SHARD_COUNT], follow);
    for (size_t i = 0; i < COUNT(cluster.servers); i++) {
        wait_for(cluster.servers[i], "CLUSTER NODES", "slave", true);
        wait_for(cluster.servers[i], "CLUSTER INFO", "cluster_state:ok", true);
    }
    wait_for(cluster.servers[0], "INFO replication", "slave0:", true);
    return cluster;
}

static void set_source(struct config *config, enum config_topology topology, const char *seed) {
    config->source.topology = topology;
    config->source.timeout_ms = TIMEOUT_MS;
    strings_add(&config->source.nodes, seed);
}

static void look(const struct config *config, struct observed *out) {
    const struct observe_source_options options = { .config = config };
    observe_source(&options, &out->source);
}

static void discover(const struct config *config, struct topology *out) {
    AUTO(error_clear) struct error err = { 0 };
    if (!topology_discover(&config->source, NULL, NULL, NULL, clock_mono_ms() + TIMEOUT_MS, out,
                           &err))
        fail_msg("%s", err.message);
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
    AUTO(string_free) char *other = ask_text(cluster->servers[1], "CLUSTER MYID");
    AUTO(string_free) char *move = xasprintf("CLUSTER SETSLOT 93 MIGRATING %s", other);
    AUTO(string_free) char *wanted = xasprintf("%s 93 migrating", cluster->addresses[0]);
    tell(cluster->servers[0], move);
    AUTO(observed_clear) struct observed observed = { 0 };
    look(config, &observed);
    assert_int_equal(observed.source.agreement.open_slots.count, 1);
    assert_string_equal(observed.source.agreement.open_slots.items[0], wanted);
    assert_int_equal(observed.source.agreement.other_views.count, 0);
    tell(cluster->servers[0], "CLUSTER SETSLOT 93 STABLE");
}

static void another_view_is_seen(const struct config *config, const struct cluster *cluster) {
    tell(cluster->servers[2], "CLUSTER DELSLOTS 16383");
    AUTO(observed_clear) struct observed observed = { 0 };
    look(config, &observed);
    assert_string_equal(observed.source.agreement.state, "fail");
    assert_true(observed.source.agreement.other_views.count >= 1);
    tell(cluster->servers[2], "CLUSTER ADDSLOTS 16383");
}

/* Its replica takes over: the topology differs by that. */
static void a_failover_is_seen(const struct config *config, const struct cluster *cluster) {
    AUTO(topology_clear) struct topology before = { 0 }, now = { 0 };
    AUTO(string_free)
    char *wanted = xasprintf("%s is now the primary of 0-5460", cluster->addresses[SHARD_COUNT]);
    discover(config, &before);
    assert_int_equal(before.count, SHARD_COUNT);
    assert_null(topology_difference(&before, &before));
    tell(cluster->servers[SHARD_COUNT], "CLUSTER FAILOVER");
    wait_for(cluster->servers[1], "CLUSTER NODES", "slave", true);
    int64_t deadline_mono_ms = clock_mono_ms() + SETTLED_WITHIN_MS;
    for (;;) {
        discover(config, &now);
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
    wait_for(cluster->servers[1], "CLUSTER INFO", "cluster_state:fail", true);
    AUTO(observed_clear) struct observed observed = { 0 };
    look(config, &observed);
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
        set_source(&config, TOPOLOGY_CLUSTER, "127.77.42.1:1"); /* nobody is there */
        strings_add(&config.source.nodes, cluster.addresses[i]);
        look(&config, &observed);
        expect_well(&observed.source, &cluster);
    }
    AUTO(config_clear) struct config config = { 0 };
    set_source(&config, TOPOLOGY_CLUSTER, cluster.addresses[1]);
    a_slot_on_the_move_is_seen(&config, &cluster);
    another_view_is_seen(&config, &cluster);
    for (size_t i = 0; i < COUNT(cluster.servers); i++)
        wait_for(cluster.servers[i], "CLUSTER INFO", "cluster_state:ok", true);
    a_failover_is_seen(&config, &cluster);
    dead_members_are_lines_of_their_own(&config, &cluster);
    stop_cluster(&cluster);
}

static void an_announced_address_that_nobody_answers_at_is_named(void **state) {
    (void)state;
    const char *const mode[] = { "--cluster-enabled", "yes", "--cluster-announce-ip", "127.77.42.2",
                                 NULL };
    AUTO(server_stop) struct server *server = server_start(mode);
    tell(server, "CLUSTER ADDSLOTSRANGE 0 16383");
    wait_for(server, "CLUSTER NODES", "127.77.42.2", true);
    AUTO(string_free) char *seed = redis_address_text(server->host, server->port);
    AUTO(config_clear) struct config config = { 0 };
    AUTO(observed_clear) struct observed observed = { 0 };
    AUTO(topology_clear) struct topology topology = { 0 };
    AUTO(error_clear) struct error err = { 0 };
    set_source(&config, TOPOLOGY_CLUSTER, seed);
    assert_false(topology_discover(&config.source, NULL, NULL, NULL, clock_mono_ms() + TIMEOUT_MS,
                                   &topology, &err));
    assert_int_equal(err.code, ERROR_UNREACHABLE);
    assert_non_null(strstr(err.message, seed));
    assert_non_null(strstr(err.message, "127.77.42.2"));
    look(&config, &observed);
    assert_int_equal(observed.source.nodes.count, 1);
    assert_non_null(strstr(observed.source.nodes.items[0].problem, seed));
    assert_non_null(strstr(observed.source.nodes.items[0].problem, "127.77.42.2"));
}

static void a_user_that_may_not_ask_for_the_nodes_gets_the_shards(void **state) {
    (void)state;
    const char *const mode[] = { "--cluster-enabled", "yes", NULL };
    AUTO(server_stop) struct server *server = server_start(mode);
    tell(server, "CLUSTER ADDSLOTSRANGE 0 16383");
    tell(server, "ACL SETUSER low on >low ~* +@all -cluster|nodes");
    AUTO(string_free) char *seed = redis_address_text(server->host, server->port);
    AUTO(config_clear) struct config config = { 0 };
    AUTO(topology_clear) struct topology topology = { 0 };
    AUTO(error_clear) struct error err = { 0 };
    AUTO(secret_free) struct secret *password = secret_new("low", 3);
    set_source(&config, TOPOLOGY_CLUSTER, seed);
    config.source.username = xstrdup("low");
    if (!topology_discover(&config.source, password, NULL, NULL, clock_mono_ms() + TIMEOUT_MS,
                           &topology, &err))
        fail_msg("%s", err.message);
    assert_int_equal(topology.count, 1);
    assert_string_equal(topology.items[0].primary, seed);
    tell(server, "ACL SETUSER low -cluster|shards -cluster|slots");
    assert_false(topology_discover(&config.source, password, NULL, NULL,
                                   clock_mono_ms() + TIMEOUT_MS, &topology, &err));
    assert_true(error_is_remote(&err, "NOPERM"));
}

static void a_server_without_cluster_mode_is_told_from_a_dead_one(void **state) {
    (void)state;
    AUTO(server_stop) struct server *server = server_start(NULL);
    AUTO(string_free) char *address = redis_address_text(server->host, server->port);
    AUTO(config_clear) struct config config = { 0 };
    AUTO(observed_clear) struct observed observed = { 0 };
    set_source(&config, TOPOLOGY_CLUSTER, address);
    strings_add(&config.source.nodes, "127.77.42.1:1");
    look(&config, &observed);
    assert_int_equal(observed.source.nodes.count, 2);
    assert_true(observed.source.nodes.items[0].reachable);
    assert_false(observed.source.nodes.items[0].cluster_enabled);
    assert_false(observed.source.nodes.items[1].reachable);
    assert_int_equal(observed.source.shards.count, 0);
    assert_null(observed.source.agreement.state);
}

static void replicas_of_one_server_are_seen_but_for_the_target(void **state) {
    (void)state;
    AUTO(server_stop) struct server *primary = server_start(NULL);
    AUTO(server_stop) struct server *replica = server_start(NULL);
    AUTO(server_stop) struct server *target = server_start(NULL);
    AUTO(string_free) char *address = redis_address_text(primary->host, primary->port);
    AUTO(string_free) char *own = redis_address_text(replica->host, replica->port);
    AUTO(string_free) char *foreign = redis_address_text(target->host, target->port);
    server_follow(replica, primary);
    server_follow(target, primary);
    AUTO(config_clear) struct config config = { 0 };
    AUTO(observed_clear) struct observed observed = { 0 };
    set_source(&config, TOPOLOGY_STANDALONE, address);
    strings_add(&observed.target.node_addresses, foreign);
    const struct observe_source_options options = { .config = &config, .target = &observed.target };
    observe_source(&options, &observed.source);
    assert_int_equal(observed.source.nodes.count, 2);
    assert_string_equal(observed.source.nodes.items[1].address, own);
    assert_int_equal(observed.source.shards.count, 1);
    assert_null(observed.source.shards.items[0].slots);
    assert_int_equal(observed.source.shards.items[0].replicas.count, 1);
}

static void add_target_node(struct replication_group *group, size_t shard, const char *host,
                            uint16_t port) {
    while (group->shards.count <= shard) {
        char *id = xasprintf("%04zu", group->shards.count + 1);
        LIST_ADD(&group->shards)->id = id;
    }
    struct service_node *node = LIST_ADD(&group->shards.items[shard].nodes);
    node->endpoint.host = xstrdup(host);
    node->endpoint.port = port;
}

/* The first shard migrates, the second is a primary without anybody, the third is dead, the fourth
 * is being made. */
static void the_shards_of_a_target_are_told_by_their_nodes(void **state) {
    (void)state;
    AUTO(server_stop) struct server *source = server_start(NULL);
    AUTO(server_stop) struct server *first = server_start(NULL);
    AUTO(server_stop) struct server *replica = server_start(NULL);
    AUTO(server_stop) struct server *second = server_start(NULL);
    AUTO(string_free) char *followed = redis_address_text(source->host, source->port);
    AUTO(replication_group_clear) struct replication_group group = { 0 };
    AUTO(observed_clear) struct observed observed = { 0 };
    struct observed_target *target = &observed.target;
    tell(source, "SET a 1");
    server_follow(first, source);
    server_follow(replica, first);
    add_target_node(&group, 0, replica->host, replica->port);
    add_target_node(&group, 0, first->host, first->port);
    add_target_node(&group, 1, second->host, second->port);
    add_target_node(&group, 2, "127.77.42.1", 1);
    LIST_ADD(&group.shards)->id = xstrdup("0004");
    group.shards.items[0].slots = xstrdup("0-5, 7, 6");
    observe_shards(&group, TIMEOUT_MS, target);
    assert_int_equal(target->shard_list.count, 4);
    assert_string_equal(target->shard_list.items[0].role, "slave");
    assert_string_equal(target->shard_list.items[0].replicates_from, followed);
    assert_string_equal(target->shard_list.items[0].link_status, "up");
    assert_string_equal(target->shard_list.items[0].slots, "0-7");
    assert_int_equal(target->shard_list.items[0].nodes.count, 2);
    assert_int_equal(target->shard_list.items[0].keys, 1);
    assert_string_equal(target->shard_list.items[1].role, "master");
    assert_null(target->shard_list.items[1].replicates_from);
    assert_null(target->shard_list.items[2].role);
    assert_non_null(strstr(target->shard_list.items[2].problem, "127.77.42.1:1"));
    assert_non_null(target->shard_list.items[3].problem);
    assert_int_equal(target->keys, 1);
    assert_true(target->holds_keys);
    assert_false(target->node_reachable);
    assert_non_null(strstr(target->node_problem, "127.77.42.1:1"));
}

static void expect_sentinels(const struct config *config, const char *primary,
                             const char *replica) {
    AUTO(observed_clear) struct observed observed = { 0 };
    AUTO(topology_clear) struct topology topology = { 0 };
    look(config, &observed);
    const struct observed_source *source = &observed.source;
    assert_int_equal(source->agreement.sentinels, 3);
    assert_int_equal(source->agreement.quorum, 2);
    if (source->agreement.sentinel_problems.count)
        fail_msg("%s", source->agreement.sentinel_problems.items[0]);
    assert_int_equal(source->nodes.count, 2);
    assert_string_equal(source->nodes.items[0].address, primary);
    assert_string_equal(source->nodes.items[1].address, replica);
    assert_string_equal(source->shards.items[0].primary, primary);
    discover(config, &topology);
    assert_int_equal(topology.count, 1);
    assert_string_equal(topology.items[0].primary, primary);
    assert_string_equal(topology.items[0].replicas.items[0], replica);
}

static void wait_for_sentinels(struct server *const *sentinels, const char *part) {
    for (size_t i = 0; i < 3; i++) {
        AUTO(redis_close) struct redis_connection *connection = server_connect(sentinels[i]);
        int64_t deadline_mono_ms = clock_mono_ms() + SETTLED_WITHIN_MS;
        for (;;) {
            AUTO(redis_reply_free)
            struct redis_reply *reply = server_run(connection, "INFO sentinel");
            if (strstr(redis_text(reply), part))
                break;
            if (clock_left_ms(deadline_mono_ms) == 0)
                fail_msg("%s in: %s", part, redis_text(reply));
            clock_sleep_ms(20);
        }
    }
}

static void sentinels_tell_the_primary_and_follow_a_failover(void **state) {
    (void)state;
    AUTO(server_stop) struct server *primary = server_start(NULL);
    AUTO(server_stop) struct server *replica = server_start(NULL);
    AUTO(string_free) char *first = redis_address_text(primary->host, primary->port);
    AUTO(string_free) char *second = redis_address_text(replica->host, replica->port);
    struct server *sentinels[3];
    AUTO(config_clear) struct config config = { 0 };
    server_follow(replica, primary);
    set_source(&config, TOPOLOGY_SENTINEL, "127.77.42.1:1"); /* nobody is there */
    config.source.sentinel_master = xstrdup("orders");
    for (size_t i = 0; i < 3; i++) {
        sentinels[i] = server_start_sentinel("orders", primary, 2);
        AUTO(string_free)
        char *address = redis_address_text(sentinels[i]->host, sentinels[i]->port);
        if (i == 0)
            string_replace(&config.source.nodes.items[0], address);
    }
    wait_for_sentinels(sentinels, "slaves=1,sentinels=3");
    expect_sentinels(&config, first, second);
    (void)kill(primary->pid, SIGKILL);
    AUTO(string_free) char *moved = xasprintf("address=%s,slaves=1", second);
    wait_for_sentinels(sentinels, moved);
    AUTO(observed_clear) struct observed observed = { 0 };
    look(&config, &observed);
    assert_string_equal(observed.source.nodes.items[0].address, second);
    assert_false(observed.source.nodes.items[1].reachable); /* the old primary, still known */
    for (size_t i = 0; i < 3; i++)
        server_stop(sentinels[i]);
    AUTO(topology_clear) struct topology topology = { 0 };
    AUTO(error_clear) struct error err = { 0 };
    assert_false(topology_discover(&config.source, NULL, NULL, NULL, clock_mono_ms() + TIMEOUT_MS,
                                   &topology, &err));
    assert_int_equal(err.code, ERROR_UNREACHABLE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cluster_is_seen_from_any_seed),
        cmocka_unit_test(an_announced_address_that_nobody_answers_at_is_named),
        cmocka_unit_test(a_user_that_may_not_ask_for_the_nodes_gets_the_shards),
        cmocka_unit_test(a_server_without_cluster_mode_is_told_from_a_dead_one),
        cmocka_unit_test(replicas_of_one_server_are_seen_but_for_the_target),
        cmocka_unit_test(the_shards_of_a_target_are_told_by_their_nodes),
        cmocka_unit_test(sentinels_tell_the_primary_and_follow_a_failover),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
