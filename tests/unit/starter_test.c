/* The file that init writes: valid as it stands, and true to what was seen. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "planner/starter.h"
#include "schemas/base/memory.h"
#include "tests/support/sight.h"

static void write_file(struct sight *sight, struct text *page, struct config *config) {
    AUTO(findings_clear) struct findings faults = { 0 };
    const struct starter starter = { .migration = "orders",
                                     .password_env =
                                         sight->config.source.username ? "PASSWORD" : NULL,
                                     .replication_group = "orders-prod",
                                     .region = "eu-west-1",
                                     .config = &sight->config,
                                     .observed = &sight->observed };
    starter_add(&starter, page);
    bool valid = config_parse(page->bytes, page->length, "the file", config, &faults);
    for (size_t i = 0; i < faults.count; i++)
        print_message("%zu: %s\n", faults.items[i].line, faults.items[i].summary);
    assert_true(valid);
}

static void a_server_and_its_replica(void **state) {
    (void)state;
    AUTO(sight_clear) struct sight sight;
    AUTO(text_clear) struct text page = { 0 };
    AUTO(config_clear) struct config config = { 0 };
    sight_init(&sight);
    write_file(&sight, &page, &config);
    assert_int_equal(config.source.topology, TOPOLOGY_STANDALONE);
    assert_string_equal(config.source.nodes.items[0], SIGHT_SOURCE);
    assert_int_equal(config.target.shards, 1);
    assert_int_equal(config.cutover.writes, WRITES_PAUSE);
    assert_non_null(strstr(text_string(&page), "# redis 7.0.15, 1 replica, 38 GiB\n"));
}

static void the_new_group_gets_what_is_offered_and_compared(void **state) {
    (void)state;
    AUTO(sight_clear) struct sight sight;
    AUTO(text_clear) struct text page = { 0 };
    AUTO(text_clear) struct text other = { 0 };
    AUTO(config_clear) struct config config = { 0 };
    AUTO(config_clear) struct config redis = { 0 };
    sight_init(&sight);
    sight_set(&sight, "databases", "32");
    string_replace(&sight.config.target.engine, NULL);
    strings_add(&sight.observed.target.offered_versions, "9.0.0");
    write_file(&sight, &page, &config);
    assert_string_equal(config.target.engine, "valkey");
    assert_string_equal(config.target.engine_version, "8.0");
    assert_string_equal(pairs_find(&config.target.parameters, "databases"), "32");
    assert_string_equal(pairs_find(&config.target.parameters, "maxmemory-policy"), "noeviction");
    strings_clear(&sight.observed.target.offered_versions);
    strings_add(&sight.observed.target.offered_versions, "6.2.14");
    strings_add(&sight.observed.target.offered_versions, "7.0.15");
    strings_add(&sight.observed.target.offered_versions, "6.0.20");
    string_replace(&sight.config.target.engine, "redis");
    sight_set(&sight, "databases", "16");
    write_file(&sight, &other, &redis);
    assert_string_equal(redis.target.engine, "redis");
    assert_string_equal(redis.target.engine_version, "7.0");
    assert_null(pairs_find(&redis.target.parameters, "databases"));
}

static void a_cluster_is_named_by_some_of_its_primaries(void **state) {
    (void)state;
    AUTO(sight_clear) struct sight sight;
    AUTO(text_clear) struct text page = { 0 };
    AUTO(config_clear) struct config config = { 0 };
    sight_init(&sight);
    sight_cluster(&sight, 6, 2);
    sight.observed.source.nodes.items[0].reachable = false;
    sight.observed.source.nodes.items[6].used_memory_bytes = (int64_t)20 << 30;
    write_file(&sight, &page, &config);
    assert_int_equal(config.source.topology, TOPOLOGY_CLUSTER);
    assert_int_equal(config.source.nodes.count, 3);
    assert_string_equal(config.source.nodes.items[0], "10.20.4.4:6379");
    assert_int_equal(config.target.shards, 6);
    assert_int_equal(config.target.replicas_per_shard, 2);
    assert_string_equal(config.target.node_type, "cache.r7g.2xlarge");
    assert_non_null(strstr(text_string(&page), "# redis 7.0.15, 6 shards on 18 nodes, "));
    assert_non_null(strstr(text_string(&page), "# 20 GiB are in use in the largest shard; "));
}

static void tls_and_the_user_are_written_as_given(void **state) {
    (void)state;
    AUTO(sight_clear) struct sight sight;
    AUTO(text_clear) struct text page = { 0 };
    AUTO(config_clear) struct config config = { 0 };
    sight_init(&sight);
    struct config_source *source = &sight.config.source;
    string_replace(&source->username, "looker");
    string_replace(&source->tls.ca_file, "a b/\"ca\".pem");
    string_replace(&source->tls.server_name, "redis.internal");
    source->tls.port = 6380;
    write_file(&sight, &page, &config);
    assert_string_equal(config.source.username, "looker");
    assert_string_equal(config.source.tls.ca_file, "a b/\"ca\".pem");
    assert_string_equal(config.source.tls.server_name, "redis.internal");
    assert_null(config.source.tls.cert_file);
    assert_int_equal(config.source.tls.port, 6380);
}

static void a_cluster_without_replicas_gets_some(void **state) {
    (void)state;
    AUTO(sight_clear) struct sight sight;
    AUTO(text_clear) struct text page = { 0 };
    AUTO(config_clear) struct config config = { 0 };
    sight_init(&sight);
    sight_cluster(&sight, 3, 0);
    write_file(&sight, &page, &config);
    assert_int_equal(config.target.replicas_per_shard, 1);
}

static void a_group_that_is_there_is_described(void **state) {
    (void)state;
    AUTO(sight_clear) struct sight sight;
    AUTO(text_clear) struct text page = { 0 };
    AUTO(config_clear) struct config config = { 0 };
    sight_init(&sight);
    sight_cluster(&sight, 3, 1);
    sight_target_exists(&sight);
    write_file(&sight, &page, &config);
    assert_int_equal(config.target.shards, 3);
    assert_false(config.target.create);
}

static void sentinels_are_named_with_what_they_watch(void **state) {
    (void)state;
    AUTO(sight_clear) struct sight sight;
    AUTO(text_clear) struct text page = { 0 };
    AUTO(config_clear) struct config config = { 0 };
    sight_init(&sight);
    sight_sentinel(&sight);
    string_replace(&sight.config.source.nodes.items[0], "10.0.0.1:26379");
    write_file(&sight, &page, &config);
    assert_int_equal(config.source.topology, TOPOLOGY_SENTINEL);
    assert_string_equal(config.source.sentinel_master, "orders");
    assert_string_equal(config.source.nodes.items[0], "10.0.0.1:26379");
    assert_int_equal(config.cutover.writes, WRITES_REJECT);
    assert_non_null(strstr(text_string(&page), "# redis 7.0.15, " SIGHT_SOURCE ", 1 replica, "));
}

/* What a young cluster counts as primaries are replicas that are not attached yet. */
static void a_young_cluster_has_as_many_shards_as_serve(void **state) {
    (void)state;
    AUTO(sight_clear) struct sight sight;
    AUTO(text_clear) struct text page = { 0 };
    AUTO(config_clear) struct config config = { 0 };
    sight_init(&sight);
    sight_cluster(&sight, 6, 0);
    for (size_t i = 3; i < 6; i++)
        string_replace(&sight.observed.source.shards.items[i].slots, "");
    write_file(&sight, &page, &config);
    assert_int_equal(config.target.shards, 3);
    assert_non_null(
        strstr(text_string(&page), "3 shards on 6 nodes, 3 more primaries without slots, "));
}

static void every_sentinel_that_is_known_is_named(void **state) {
    (void)state;
    AUTO(sight_clear) struct sight sight;
    AUTO(text_clear) struct text page = { 0 };
    AUTO(config_clear) struct config config = { 0 };
    sight_init(&sight);
    sight_sentinel(&sight);
    string_replace(&sight.config.source.nodes.items[0], "10.0.0.1:26379");
    size_t given = sight.config.source.nodes.count;
    strings_add(&sight.observed.source.agreement.known_sentinels, "10.0.0.1:26379");
    strings_add(&sight.observed.source.agreement.known_sentinels, "10.0.0.98:26379");
    strings_add(&sight.observed.source.agreement.known_sentinels, "10.0.0.99:26379");
    write_file(&sight, &page, &config);
    assert_int_equal(config.source.nodes.count, given + 2);
    assert_string_equal(config.source.nodes.items[given + 1], "10.0.0.99:26379");
}

static void no_pause_is_promised_where_there_is_none(void **state) {
    (void)state;
    AUTO(sight_clear) struct sight sight;
    AUTO(text_clear) struct text page = { 0 }, newer = { 0 };
    AUTO(config_clear) struct config config = { 0 }, other = { 0 };
    sight_init(&sight);
    string_replace(&sight.observed.source.nodes.items[0].version, "6.0.20");
    write_file(&sight, &page, &config);
    assert_int_equal(config.cutover.writes, WRITES_REJECT);
    assert_null(strstr(text_string(&page), "writers wait"));
    string_replace(&sight.observed.source.nodes.items[0].version, "6.2.0");
    write_file(&sight, &newer, &other);
    assert_int_equal(other.cutover.writes, WRITES_PAUSE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_young_cluster_has_as_many_shards_as_serve),
        cmocka_unit_test(every_sentinel_that_is_known_is_named),
        cmocka_unit_test(no_pause_is_promised_where_there_is_none),
        cmocka_unit_test(a_server_and_its_replica),
        cmocka_unit_test(the_new_group_gets_what_is_offered_and_compared),
        cmocka_unit_test(a_cluster_is_named_by_some_of_its_primaries),
        cmocka_unit_test(a_cluster_without_replicas_gets_some),
        cmocka_unit_test(tls_and_the_user_are_written_as_given),
        cmocka_unit_test(a_group_that_is_there_is_described),
        cmocka_unit_test(sentinels_are_named_with_what_they_watch),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
