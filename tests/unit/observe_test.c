#include <arpa/inet.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "providers/observe/discover.h"
#include "providers/observe/node.h"
#include "providers/observe/observe.h"
#include "providers/observe/shards.h"
#include "schemas/base/clock.h"
#include "schemas/base/memory.h"
#include "tests/support/look.h"
#include "tests/support/server.h"

static void a_server_without_cluster_mode_is_told_from_a_dead_one(void **state) {
    (void)state;
    AUTO(server_stop) struct server *server = server_start(NULL);
    AUTO(string_free) char *address = redis_address_text(server->host, server->port);
    AUTO(config_clear) struct config config = { 0 };
    AUTO(observed_clear) struct observed observed = { 0 };
    look_set_source(&config, TOPOLOGY_CLUSTER, address);
    strings_add(&config.source.nodes, LOOK_NOBODY);
    look_around(&config, &observed);
    assert_int_equal(observed.source.nodes.count, 2);
    assert_true(observed.source.nodes.items[0].reachable);
    assert_false(observed.source.nodes.items[0].cluster_enabled);
    assert_false(observed.source.nodes.items[1].reachable);
    assert_int_equal(observed.source.shards.count, 0);
    assert_null(observed.source.agreement.state);
}

/* The target's nodes are whoever comes without AUTH, whatever we may do ourselves. */
static void expect_refused(const char *rule, bool refused) {
    AUTO(server_stop) struct server *server = server_start(NULL);
    AUTO(string_free) char *address = redis_address_text(server->host, server->port);
    AUTO(string_free) char *command = xasprintf("ACL SETUSER default %s", rule);
    AUTO(secret_free) struct secret *password = secret_new("own", 3);
    AUTO(config_clear) struct config config = { 0 };
    AUTO(observed_clear) struct observed observed = { 0 };
    const struct observe_source_options options = { .config = &config, .password = password };
    look_set_source(&config, TOPOLOGY_STANDALONE, address);
    config.source.username = xstrdup("ecmig");
    server_tell(server, "ACL SETUSER ecmig on >own ~* +@all");
    server_tell(server, command);
    observe_source(&options, &observed.source);
    assert_true(observed.source.nodes.items[0].reachable);
    assert_false(observed.source.nodes.items[0].password_required);
    assert_int_equal(observed.source.nodes.items[0].replication_refused, refused);
}

static void a_default_user_who_may_not_replicate_is_seen(void **state) {
    (void)state;
    expect_refused("+@all", false);
    expect_refused("-@dangerous", true);
    expect_refused("-@all +get", true);
}

static void modules_are_seen_by_whom_the_list_is_refused(void **state) {
    (void)state;
    static const char text[] = "# Modules\r\n"
                               "module:name=search,ver=20811,api=1,filters=0\r\n"
                               "module:name=bf,ver=1,api=1,filters=0\r\n"
                               "module:name=search,ver=20811,api=1,filters=0\r\n";
    AUTO(observed_clear) struct observed observed = { 0 };
    struct observed_node *node = LIST_ADD(&observed.source.nodes);
    node_read_info(text, sizeof text - 1, node);
    assert_int_equal(node->modules.count, 2);
    assert_string_equal(node->modules.items[0], "search");
}

/* What is written by commands that not every engine knows, and fields that expire (Redis 7.4). */
static void what_a_target_may_not_know_is_seen(void **state) {
    (void)state;
    AUTO(server_stop) struct server *server = server_start(NULL);
    AUTO(string_free) char *address = redis_address_text(server->host, server->port);
    AUTO(config_clear) struct config config = { 0 };
    AUTO(observed_clear) struct observed observed = { 0 };
    const struct observe_source_options options = { .config = &config };
    look_set_source(&config, TOPOLOGY_STANDALONE, address);
    server_tell(server, "SET a 1");
    server_tell(server, "COPY a b");
    server_tell(server, "COPY a c");
    server_tell(server, "INCRBYFLOAT f 1.5");
    server_tell(server, "SETEX e 100 1");
    observe_source(&options, &observed.source);
    const struct observed_node *node = &observed.source.nodes.items[0];
    assert_int_equal(node->newer_writes.count, 2);
    assert_string_equal(pairs_find(&node->newer_writes, "incrbyfloat"), "1"); /* SETEX is not one */
    assert_string_equal(pairs_find(&node->newer_writes, "copy"), "2");
    assert_int_equal(node->missing_writes.count, 0);
    static const char text[] = "# Keyspace\r\ndb0:keys=9,expires=1,avg_ttl=0,subexpiry=4\r\n";
    struct observed_node *newer = LIST_ADD(&observed.source.nodes);
    node_read_info(text, sizeof text - 1, newer);
    assert_int_equal(newer->expiring_field_keys, 4);
}

static const struct observed_use *use_of(const struct observed_node *node, const char *kind,
                                         const char *what) {
    for (size_t i = 0; i < node->applications.uses.count; i++) {
        const struct observed_use *use = &node->applications.uses.items[i];
        if (strcmp(use->kind, kind) == 0 && string_same(use->what, what))
            return use;
    }
    return NULL;
}

/* By hand: its answer is of another protocol than ours. */
static int greet_in_resp3(const struct server *server) {
    struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(server->port) };
    char answer[512];
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(inet_pton(AF_INET, server->host, &to.sin_addr), 1);
    assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
    assert_int_equal(send(fd, "HELLO 3\r\n", 9, 0), 9);
    assert_true(recv(fd, answer, sizeof answer, 0) > 0);
    return fd;
}

/* Each as an application would; a replica and a Sentinel log in by name, too. */
static void open_connections(const struct server *server, struct redis_connection **open,
                             size_t count) {
    for (size_t i = 0; i < count; i++)
        open[i] = server_connect(server);
    server_do(open[0], "AUTH app secret");
    server_do(open[0], "CLIENT SETNAME worker");
    server_do(open[0], "SELECT 3");
    server_do(open[1], "AUTH app secret");
    server_do(open[2], "CONFIG SET timeout 0");
    server_do(open[3], "SSUBSCRIBE orders");
    server_do(open[4], "AUTH app secret");
    server_do(open[4], "CLIENT SETNAME sentinel-3f-cmd");
}

/* What applications do that a target may refuse, without what ecmig and the servers do. */
static void what_applications_do_is_seen(void **state) {
    (void)state;
    AUTO(server_stop) struct server *server = server_start(NULL);
    AUTO(string_free) char *address = redis_address_text(server->host, server->port);
    AUTO(secret_free) struct secret *password = secret_new("own", 3);
    AUTO(config_clear) struct config config = { 0 };
    AUTO(observed_clear) struct observed before = { 0 }, observed = { 0 };
    const struct observe_source_options options = { .config = &config, .password = password };
    struct redis_connection *open[5];
    look_set_source(&config, TOPOLOGY_STANDALONE, address);
    config.source.username = xstrdup("ecmig");
    server_tell(server, "ACL SETUSER ecmig on >own ~* +@all");
    server_tell(server, "ACL SETUSER app on >secret ~* +@all");
    server_tell(server, "BGSAVE");
    server_tell(server, "GETEX nothing");
    open_connections(server, open, COUNT(open));
    int greeted = greet_in_resp3(server);
    observe_source(&options, &before.source); /* leaves traces in the statistics */
    observe_source(&options, &observed.source);
    const struct observed_node *node = &observed.source.nodes.items[0];
    const struct observed_applications *seen = &node->applications;
    assert_int_equal(seen->users_count, 2);
    assert_string_equal(seen->users.items[0], "app");
    assert_int_equal(use_of(node, "user", "app")->count, 2);
    assert_null(use_of(node, "user", "ecmig"));
    assert_non_null(strstr(use_of(node, "user", "app")->clients.items[0], " worker"));
    assert_int_equal(use_of(node, "database", "3")->count, 1);
    assert_int_equal(use_of(node, "command", "config|set")->count, 1);
    assert_int_equal(use_of(node, "resp3", NULL)->count, 1);
    assert_int_equal(use_of(node, "shard channels", NULL)->count, 1);
    assert_int_equal(seen->uses.count, 5);
    assert_string_equal(pairs_find(&seen->restricted_calls, "bgsave"), "1");
    assert_int_equal(seen->restricted_calls.count, 1); /* CONFIG GET is ecmig's */
    assert_string_equal(pairs_find(&seen->newer_calls, "getex"), "1");
    assert_int_equal(seen->newer_calls.count, 3); /* and HELLO, SSUBSCRIBE */
    for (size_t i = 0; i < COUNT(open); i++)
        redis_close(open[i]);
    close(greeted);
}

static void who_may_not_list_clients_and_users_is_told(void **state) {
    (void)state;
    AUTO(server_stop) struct server *server = server_start(NULL);
    AUTO(string_free) char *address = redis_address_text(server->host, server->port);
    AUTO(config_clear) struct config config = { 0 };
    AUTO(observed_clear) struct observed observed = { 0 };
    const struct observe_source_options options = { .config = &config };
    look_set_source(&config, TOPOLOGY_STANDALONE, address);
    server_tell(server, "ACL SETUSER default -client|list -acl|users");
    observe_source(&options, &observed.source);
    const struct observed_node *node = &observed.source.nodes.items[0];
    assert_true(node->reachable);
    assert_true(strings_has(&node->unread, "ACL USERS"));
    assert_true(strings_has(&node->unread, "CLIENT LIST"));
    assert_int_equal(node->applications.uses.count, 0);
}

static void compatible_servers_are_told_from_redis(void **state) {
    (void)state;
    static const struct {
        const char *info, *engine, *version;
    } rows[] = {
        { "redis_version:7.0.15\r\n", "redis", "7.0.15" },
        { "redis_version:7.2.4\r\nserver_name:valkey\r\nvalkey_version:8.1.1\r\n", "valkey",
          "8.1.1" },
        { "redis_version:6.3.4\r\nexecutable:/usr/bin/keydb-server\r\n", "keydb", "6.3.4" },
        { "redis_version:6.3.4\r\n# KeyDB\r\nmvcc_depth:0\r\n", "keydb", "6.3.4" },
        { "redis_version:7.4.0\r\ndragonfly_version:df-v1.27.1\r\n", "dragonfly", "df-v1.27.1" },
        { "redis_version:7.0.0\r\nkvrocks_version:2.9.0\r\n", "kvrocks", "2.9.0" },
        { "redis_version:3.2.7\r\npika_version:3.5.0\r\n", "pika", "3.5.0" },
        { "redis_version:7.4.3\r\ngarnet_version:1.0.61\r\n", "garnet", "1.0.61" },
        { "redis_version:7.2.4\r\nredict_version:7.3.0\r\n", "redict", "7.3.0" },
        { "redis_version:7.4.0\r\nrlec_version:7.8.2-34\r\n", "redis enterprise", "7.8.2-34" },
        { "redis_version:7.0.0\r\nserver_name:other\r\n", "other", "7.0.0" },
        { "os:Linux\r\n", "unknown", "unknown" },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        AUTO(observed_clear) struct observed observed = { 0 };
        struct observed_node *node = LIST_ADD(&observed.source.nodes);
        node_read_info(rows[i].info, strlen(rows[i].info), node);
        assert_string_equal(node->engine, rows[i].engine);
        assert_string_equal(node->version, rows[i].version);
        assert_true(strings_has(&node->unread, "role"));
    }
}

/* It closes after that answer: nothing else that was asked is heard of. */
static void a_server_that_takes_no_more_clients_says_so(void **state) {
    (void)state;
    AUTO(server_stop) struct server *server = server_start(NULL);
    AUTO(redis_close) struct redis_connection *only = server_connect(server);
    AUTO(string_free) char *address = redis_address_text(server->host, server->port);
    AUTO(config_clear) struct config config = { 0 };
    AUTO(observed_clear) struct observed observed = { 0 };
    const struct observe_source_options options = { .config = &config };
    look_set_source(&config, TOPOLOGY_STANDALONE, address);
    server_do(only, "CONFIG SET maxclients 1");
    observe_source(&options, &observed.source);
    assert_false(observed.source.nodes.items[0].reachable);
    assert_non_null(strstr(observed.source.nodes.items[0].problem, "max number of clients"));
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
    /* A reader of the log that is no server, as a backup is. */
    AUTO(redis_close) struct redis_connection *reader = server_connect(primary);
    redis_queue_words(reader, "PSYNC", "?", "-1", NULL);
    redis_exchange(&reader, 1, clock_mono_ms() + 200);
    server_wait_for(primary, "INFO replication", ",port=0,", true);
    AUTO(config_clear) struct config config = { 0 };
    AUTO(observed_clear) struct observed observed = { 0 };
    look_set_source(&config, TOPOLOGY_STANDALONE, address);
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
    server_tell(source, "SET a 1");
    server_follow(first, source);
    server_follow(replica, first);
    add_target_node(&group, 0, replica->host, replica->port);
    add_target_node(&group, 0, first->host, first->port);
    add_target_node(&group, 1, second->host, second->port);
    add_target_node(&group, 2, "127.77.42.1", 1);
    LIST_ADD(&group.shards)->id = xstrdup("0004");
    group.shards.items[0].slots = xstrdup("0-5, 7, 6");
    observe_shards(&group, &(struct redis_access){ 0 }, LOOK_TIMEOUT_MS, target);
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
    assert_non_null(strstr(target->shard_list.items[2].problem, LOOK_NOBODY));
    assert_non_null(target->shard_list.items[3].problem);
    assert_int_equal(target->keys, 1);
    assert_true(target->holds_keys);
    assert_false(target->node_reachable);
    assert_non_null(strstr(target->node_problem, LOOK_NOBODY));
}

static void expect_sentinels(const struct config *config, const char *primary,
                             const char *replica) {
    AUTO(observed_clear) struct observed observed = { 0 };
    AUTO(topology_clear) struct topology topology = { 0 };
    look_around(config, &observed);
    const struct observed_source *source = &observed.source;
    assert_int_equal(source->agreement.sentinels, 3);
    assert_int_equal(source->agreement.quorum, 2);
    if (source->agreement.sentinel_problems.count)
        fail_msg("%s", source->agreement.sentinel_problems.items[0]);
    assert_int_equal(source->nodes.count, 2);
    assert_string_equal(source->nodes.items[0].address, primary);
    assert_string_equal(source->nodes.items[1].address, replica);
    assert_string_equal(source->shards.items[0].primary, primary);
    look_discover(config, &topology);
    assert_int_equal(topology.count, 1);
    assert_string_equal(topology.items[0].primary, primary);
    assert_string_equal(topology.items[0].replicas.items[0], replica);
}

static void wait_for_sentinels(struct server *const *sentinels, const char *part) {
    for (size_t i = 0; i < 3; i++) {
        AUTO(redis_close) struct redis_connection *connection = server_connect(sentinels[i]);
        int64_t deadline_mono_ms = clock_mono_ms() + LOOK_SETTLED_MS;
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
    look_set_source(&config, TOPOLOGY_SENTINEL, LOOK_NOBODY); /* nobody is there */
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
    look_around(&config, &observed);
    assert_string_equal(observed.source.nodes.items[0].address, second);
    assert_false(observed.source.nodes.items[1].reachable); /* the old primary, still known */
    for (size_t i = 0; i < 3; i++)
        server_stop(sentinels[i]);
    AUTO(topology_clear) struct topology topology = { 0 };
    AUTO(error_clear) struct error err = { 0 };
    assert_false(topology_discover(
        &(struct discovery){ .source = &config.source,
                             .deadline_mono_ms = clock_mono_ms() + LOOK_TIMEOUT_MS },
        &topology, &err));
    assert_int_equal(err.code, ERROR_UNREACHABLE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_server_without_cluster_mode_is_told_from_a_dead_one),
        cmocka_unit_test(a_default_user_who_may_not_replicate_is_seen),
        cmocka_unit_test(modules_are_seen_by_whom_the_list_is_refused),
        cmocka_unit_test(what_a_target_may_not_know_is_seen),
        cmocka_unit_test(what_applications_do_is_seen),
        cmocka_unit_test(who_may_not_list_clients_and_users_is_told),
        cmocka_unit_test(compatible_servers_are_told_from_redis),
        cmocka_unit_test(a_server_that_takes_no_more_clients_says_so),
        cmocka_unit_test(replicas_of_one_server_are_seen_but_for_the_target),
        cmocka_unit_test(the_shards_of_a_target_are_told_by_their_nodes),
        cmocka_unit_test(sentinels_tell_the_primary_and_follow_a_failover),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
