/* Servers are told apart by run id, whatever their addresses say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "providers/observe/servers.h"
#include "schemas/base/memory.h"
#include "tests/support/look.h"
#include "tests/support/server.h"

static char *address_of(const struct server *server) {
    return redis_address_text(server->host, server->port);
}

static void announce(const struct server *replica, const char *host, uint16_t port) {
    AUTO(string_free) char *ip = xasprintf("CONFIG SET replica-announce-ip %s", host);
    AUTO(string_free) char *number = xasprintf("CONFIG SET replica-announce-port %d", port);
    server_tell(replica, ip);
    server_tell(replica, number);
}

static const struct observed_node *find(const struct observed_source *source,
                                        const struct server *server) {
    AUTO(string_free) char *address = address_of(server);
    for (size_t i = 0; i < source->nodes.count; i++)
        if (strcmp(source->nodes.items[i].address, address) == 0)
            return &source->nodes.items[i];
    return NULL;
}

static void two_replicas_of_one_address_are_one_too_few(void **state) {
    (void)state;
    AUTO(server_stop) struct server *primary = server_start(NULL);
    AUTO(server_stop) struct server *first = server_start(NULL);
    AUTO(server_stop) struct server *second = server_start(NULL);
    AUTO(string_free) char *address = address_of(primary);
    AUTO(string_free) char *shared = address_of(first);
    AUTO(config_clear) struct config config = { 0 };
    AUTO(observed_clear) struct observed observed = { 0 };
    AUTO(topology_clear) struct topology topology = { 0 };
    announce(second, first->host, first->port);
    server_follow(first, primary);
    server_follow(second, primary);
    look_set_source(&config, TOPOLOGY_STANDALONE, address);
    look_around(&config, &observed);
    assert_int_equal(observed.source.nodes.count, 2);
    assert_non_null(find(&observed.source, first));
    assert_int_equal(observed.source.strangers.count, 1);
    assert_string_equal(observed.source.strangers.items[0].address, shared);
    assert_string_equal(observed.source.strangers.items[0].seen_at, address);
    look_discover(&config, &topology);
    assert_int_equal(topology.items[0].replicas.count, 1);
    assert_int_equal(topology.items[0].unproven.count, 1);
}

/* As behind a translation: both show the address of the server that they follow. */
static void a_primary_is_no_replica_of_its_own(void **state) {
    (void)state;
    AUTO(server_stop) struct server *primary = server_start(NULL);
    AUTO(server_stop) struct server *first = server_start(NULL);
    AUTO(server_stop) struct server *second = server_start(NULL);
    AUTO(string_free) char *address = address_of(primary);
    AUTO(config_clear) struct config config = { 0 };
    AUTO(observed_clear) struct observed observed = { 0 };
    announce(first, primary->host, primary->port);
    announce(second, primary->host, primary->port);
    server_follow(first, primary);
    server_follow(second, primary);
    look_set_source(&config, TOPOLOGY_STANDALONE, address);
    look_around(&config, &observed);
    assert_int_equal(observed.source.nodes.count, 1);
    assert_string_equal(observed.source.nodes.items[0].role, "master");
    assert_int_equal(observed.source.strangers.count, 2);
}

/* Another server answers at the address: it would have been fenced in the replica's stead. */
static void a_server_of_others_is_no_replica(void **state) {
    (void)state;
    AUTO(server_stop) struct server *primary = server_start(NULL);
    AUTO(server_stop) struct server *replica = server_start(NULL);
    AUTO(server_stop) struct server *other = server_start(NULL);
    AUTO(string_free) char *address = address_of(primary);
    AUTO(config_clear) struct config config = { 0 };
    AUTO(observed_clear) struct observed observed = { 0 };
    AUTO(topology_clear) struct topology topology = { 0 };
    announce(replica, other->host, other->port);
    server_follow(replica, primary);
    look_set_source(&config, TOPOLOGY_STANDALONE, address);
    look_around(&config, &observed);
    assert_int_equal(observed.source.nodes.count, 1);
    assert_int_equal(observed.source.strangers.count, 1);
    look_discover(&config, &topology);
    assert_int_equal(topology.items[0].replicas.count, 0);
    assert_int_equal(topology.items[0].unproven.count, 1);
}

static void replicas_of_replicas_are_found(void **state) {
    (void)state;
    AUTO(server_stop) struct server *primary = server_start(NULL);
    AUTO(server_stop) struct server *replica = server_start(NULL);
    AUTO(server_stop) struct server *second = server_start(NULL);
    AUTO(server_stop) struct server *third = server_start(NULL);
    AUTO(string_free) char *address = address_of(primary);
    AUTO(config_clear) struct config config = { 0 };
    AUTO(observed_clear) struct observed observed = { 0 };
    AUTO(topology_clear) struct topology topology = { 0 };
    server_follow(replica, primary);
    server_follow(second, replica);
    server_follow(third, second);
    look_set_source(&config, TOPOLOGY_STANDALONE, address);
    look_around(&config, &observed);
    assert_int_equal(observed.source.strangers.count, 0);
    assert_int_equal(observed.source.nodes.count, 4);
    assert_non_null(find(&observed.source, third));
    assert_int_equal(observed.source.shards.items[0].replicas.count, 3);
    look_discover(&config, &topology);
    assert_int_equal(topology.items[0].replicas.count, 3);
}

/* The Sentinel has a number where INFO of the primary has what the replica announces: an old way
 * of writing the same number, which the resolver knows. */
static void a_server_of_two_names_is_one(void **state) {
    (void)state;
    AUTO(server_stop) struct server *primary = server_start(NULL);
    AUTO(server_stop) struct server *replica = server_start(NULL);
    unsigned a = 0, b = 0, c = 0, d = 0;
    assert_int_equal(sscanf(replica->host, "%u.%u.%u.%u", &a, &b, &c, &d), 4);
    AUTO(string_free) char *name = xasprintf("%u.%u.%u", a, b, c * 256 + d);
    announce(replica, name, replica->port);
    server_follow(replica, primary);
    AUTO(server_stop) struct server *sentinel = server_start_sentinel("main", primary, 1);
    server_wait_for(sentinel, "INFO sentinel", "slaves=1", true);
    AUTO(string_free) char *seed = address_of(sentinel);
    AUTO(config_clear) struct config config = { 0 };
    AUTO(observed_clear) struct observed observed = { 0 };
    AUTO(topology_clear) struct topology topology = { 0 };
    look_set_source(&config, TOPOLOGY_SENTINEL, seed);
    config.source.sentinel_master = xstrdup("main");
    look_around(&config, &observed);
    assert_int_equal(observed.source.nodes.count, 2);
    assert_int_equal(observed.source.strangers.count, 0);
    assert_int_equal(observed.source.shards.items[0].replicas.count, 1);
    look_discover(&config, &topology);
    assert_int_equal(topology.items[0].replicas.count, 1);
}

static struct observed_node *add_node(struct observed_source *source, const char *address,
                                      const char *listed_by, bool reachable) {
    struct observed_node *node = LIST_ADD(&source->nodes);
    node->address = xstrdup(address);
    node->listed_by = xstrdup(listed_by);
    node->reachable = reachable;
    return node;
}

/* The primary lists these at addresses where nobody answers; the target's link is up or not. */
static size_t nodes_left(size_t lines, bool link_up, int64_t named) {
    AUTO(observed_clear) struct observed observed = { 0 };
    struct observed_target *target = &observed.target;
    target->replicates_from = xstrdup("10.0.0.1:6379");
    target->link_status = xstrdup(link_up ? "up" : "down");
    add_node(&observed.source, "10.0.0.1:6379", NULL, true)->target_lines = named;
    struct observed_shard *shard = LIST_ADD(&observed.source.shards);
    shard->primary = xstrdup("10.0.0.1:6379");
    for (size_t i = 0; i < lines; i++) {
        AUTO(string_free) char *address = xasprintf("10.9.9.%zu:6379", i);
        add_node(&observed.source, address, "10.0.0.1:6379", false);
        strings_add(&shard->replicas, address);
    }
    servers_leave_out_target(&observed.source, target);
    assert_int_equal(shard->replicas.count, observed.source.nodes.count - 1);
    return observed.source.nodes.count - 1 + observed.source.strangers.count;
}

static void the_target_is_told_by_number_never_more_of_them(void **state) {
    (void)state;
    assert_int_equal(nodes_left(1, true, 0), 0);
    assert_int_equal(nodes_left(2, true, 0), 2); /* strangers, both */
    assert_int_equal(nodes_left(1, false, 0), 1);
    assert_int_equal(nodes_left(1, true, 1), 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_replicas_of_one_address_are_one_too_few),
        cmocka_unit_test(a_primary_is_no_replica_of_its_own),
        cmocka_unit_test(a_server_of_others_is_no_replica),
        cmocka_unit_test(replicas_of_replicas_are_found),
        cmocka_unit_test(a_server_of_two_names_is_one),
        cmocka_unit_test(the_target_is_told_by_number_never_more_of_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
