#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "executor/site/site.h"
#include "providers/observe/service_address.h"
#include "providers/redis/server.h"
#include "providers/redis/topology.h"
#include "schemas/base/memory.h"

/* A name to the resolver, which knows the old way of writing an address, and 127.5.2.1 to INFO. */
#define NAME "127.5.513"
#define NUMBER "127.5.2.1:6379"

static void learn(struct site *site) {
    AUTO(replication_group_clear) struct replication_group group = { 0 };
    struct service_shard *shard = LIST_ADD(&group.shards);
    struct service_node *node = LIST_ADD(&shard->nodes);
    node->endpoint.host = xstrdup(NAME);
    node->endpoint.port = 6379;
    (void)LIST_ADD(&shard->nodes); /* being made: has no endpoint yet */
    site_learn_target(site, &group);
}

static void a_node_of_the_target_is_known_by_name_and_by_number(void **state) {
    (void)state;
    struct site site = { 0 };
    learn(&site);
    assert_true(site_is_target(&site, NAME ":6379"));
    assert_true(site_is_target(&site, NUMBER));
    assert_false(site_is_target(&site, "127.5.2.1:6380"));
    assert_false(site_is_target(&site, "127.5.2.2:6379"));
    learn(&site);
    assert_int_equal(site.target_nodes.count, 2);
    strings_clear(&site.target_nodes);
}

/* INFO of the source names the target's nodes by number only, after StartMigration. */
static void the_target_is_no_replica_of_the_source(void **state) {
    (void)state;
    static const char text[] = "role:master\r\n"
                               "slave0:ip=127.5.2.1,port=6379,state=online,offset=14,lag=0\r\n"
                               "slave1:ip=10.0.0.6,port=6379,state=online,offset=14,lag=0\r\n"
                               "slave2:ip=10.0.0.7,port=0,state=online,offset=0,lag=3\r\n";
    AUTO(server_info_clear) struct server_info server = { 0 };
    AUTO(topology_clear) struct topology topology = { 0 };
    struct site site = { 0 };
    learn(&site);
    server_info_parse(text, strlen(text), &server);
    topology_of_primary("10.0.0.5:6379", &server.replicas, &site.target_nodes, &topology);
    assert_int_equal(topology.items[0].replicas.count, 1);
    assert_string_equal(topology.items[0].replicas.items[0], "10.0.0.6:6379");
    strings_clear(&site.target_nodes);
}

static void names_of_one_address_are_the_same(void **state) {
    (void)state;
    assert_true(site_same_address(NAME ":6379", NUMBER));
    assert_true(site_same_address("no-such-name.invalid:1", "no-such-name.invalid:1"));
    assert_false(site_same_address(NUMBER, "127.5.2.1:6380"));
    assert_false(site_same_address(NUMBER, "127.5.2.2:6379"));
    assert_false(site_same_address("no address", NUMBER));
}

/* What the plan carries is what the service is given, and nobody asks the server anew: something
 * else may stand at that address. Of a server that the plan does not know CONFIG GET port decides.
 */
static void the_service_is_given_the_planned_address(void **state) {
    (void)state;
    AUTO(string_free) char *same = service_address_of("10.0.0.5:6380", "6380");
    AUTO(string_free) char *untold = service_address_of("10.0.0.5:6380", NULL);
    AUTO(string_free) char *none = service_address_of("10.0.0.5:6380", "0");
    AUTO(string_free) char *beyond = service_address_of("10.0.0.5:6380", "65536");
    AUTO(string_free) char *plain = service_address_of("[fd00::5]:6380", "6379");
    assert_null(same);
    assert_null(untold);
    assert_null(none);
    assert_null(beyond);
    assert_string_equal(plain, "[fd00::5]:6379");
    char *nodes[] = { (char[]){ "10.0.0.5:6380" } };
    const struct config config = { .source = { .topology = TOPOLOGY_STANDALONE,
                                               .nodes = { .items = nodes, .count = 1 } } };
    struct site site = { .config = &config };
    struct site_node *node = LIST_ADD(&site.nodes);
    node->address = xstrdup("10.0.0.5:6380");
    assert_string_equal(site_endpoint(&site), "10.0.0.5:6380");
    struct json *facts = json_new_object();
    json_put_string(facts, "source.nodes[0].address", "10.0.0.5:6380");
    json_put_string(facts, "source.nodes[0].run_id", "f00");
    json_put_string(facts, "source.nodes[0].service_address", "10.0.0.99:7000");
    const struct plan plan = { .core = { .observed = { .facts = facts } } };
    site.plan = &plan;
    site_learn_planned(&site);
    assert_string_equal(site_endpoint(&site), "10.0.0.99:7000");
    assert_true(site_node_is(&site.nodes.items[0], "10.0.0.99:7000"));
    assert_true(site_node_is(&site.nodes.items[0], "10.0.0.5:6380"));
    json_free(facts);
    site_close(&site);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_node_of_the_target_is_known_by_name_and_by_number),
        cmocka_unit_test(the_target_is_no_replica_of_the_source),
        cmocka_unit_test(names_of_one_address_are_the_same),
        cmocka_unit_test(the_service_is_given_the_planned_address),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
