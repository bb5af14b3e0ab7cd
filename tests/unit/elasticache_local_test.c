/* The client against the local endpoint: a whole migration by its verbs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "providers/local/state/endpoint.h"
#include "providers/local/up.h"
#include "schemas/base/clock.h"
#include "schemas/base/memory.h"
#include "tests/support/aws.h"

#define STEP_CEILING_MS 60000
#define POLL_MS 50

static char *folder, *source_host;
static uint16_t source_port;
static struct elasticache *service;

#define CHECK(call)                                                                                \
    do {                                                                                           \
        if (!(call))                                                                               \
            fail_msg("%s: %s", #call, err.message);                                                \
    } while (0)

static int endpoint_up(void **state) {
    (void)aws_set_environment(state);
    const char *temporary = getenv("TMPDIR");
    folder = xasprintf("%s/ecmig-test-XXXXXX", temporary ? temporary : "/tmp");
    assert_non_null(mkdtemp(folder));
    AUTO(error_clear) struct error err = { 0 };
    AUTO(json_free) struct json *up = NULL;
    struct local_options options = { .dir = folder, .source = "standalone", .keys = 200 };
    CHECK(local_up(&options, &up, &err));
    const struct json *nodes = json_find(json_find(up, "source"), "nodes");
    source_host = xstrdup(json_string_of(json_at(nodes, 0)));
    char *colon = strrchr(source_host, ':');
    *colon = '\0';
    source_port = (uint16_t)strtoul(colon + 1, NULL, 10);
    unsetenv("AWS_SESSION_TOKEN");
    setenv("AWS_ACCESS_KEY_ID", LOCAL_ACCESS_KEY_ID, 1);
    setenv("AWS_SECRET_ACCESS_KEY", LOCAL_SECRET_ACCESS_KEY, 1);
    setenv("AWS_ENDPOINT_URL", json_find_string(up, "endpoint_url"), 1);
    service = aws_open(NULL);
    return 0;
}

static int endpoint_down(void **state) {
    (void)state;
    AUTO(error_clear) struct error err = { 0 };
    int64_t ended = 0;
    elasticache_close(service);
    CHECK(local_down(folder, &ended, &err));
    string_free(source_host);
    AUTO(string_free) char *remove = xasprintf("rm -rf '%s'", folder);
    string_free(folder);
    return system(remove);
}

static void wait_for_status(const char *status) {
    int64_t deadline_mono_ms = clock_mono_ms() + STEP_CEILING_MS;
    for (;;) {
        AUTO(error_clear) struct error err = { 0 };
        AUTO(replication_group_clear) struct replication_group group = { 0 };
        CHECK(elasticache_describe(service, "orders", aws_soon(), &group, &err));
        if (strcmp(group.status, status) == 0)
            return;
        if (clock_left_ms(deadline_mono_ms) == 0)
            fail_msg("still '%s'", group.status);
        clock_sleep_ms(POLL_MS);
    }
}

static void wait_for_event(enum migration_event wanted, int64_t since_ms) {
    int64_t deadline_mono_ms = clock_mono_ms() + STEP_CEILING_MS;
    for (;;) {
        AUTO(error_clear) struct error err = { 0 };
        AUTO(service_events_clear) struct service_events events = { 0 };
        CHECK(elasticache_events(service, "orders", since_ms, aws_soon(), &events, &err));
        for (size_t i = 0; i < events.count; i++) {
            enum migration_event event = elasticache_classify(events.items[i].message);
            if (event == wanted)
                return;
            if (event == MIGRATION_EVENT_FAILED)
                fail_msg("%s", events.items[i].message);
        }
        if (clock_left_ms(deadline_mono_ms) == 0)
            fail_msg("no such event among %zu", events.count);
        clock_sleep_ms(POLL_MS);
    }
}

static void what_is_there_before_is_told(void **state) {
    (void)state;
    AUTO(error_clear) struct error err = { 0 };
    AUTO(service_identity_clear) struct service_identity identity = { 0 };
    CHECK(elasticache_identity(service, aws_soon(), &identity, &err));
    assert_string_equal(identity.account, LOCAL_ACCOUNT);
    AUTO(serverless_cache_clear) struct serverless_cache cache = { .exists = true };
    CHECK(elasticache_serverless(service, "orders", aws_soon(), &cache, &err));
    assert_false(cache.exists);
    AUTO(replication_group_clear) struct replication_group group = { 0 };
    assert_false(elasticache_describe(service, "orders", aws_soon(), &group, &err));
    assert_int_equal(err.code, ERROR_NOT_FOUND);
}

static void a_group_is_created_as_asked(void **state) {
    (void)state;
    AUTO(error_clear) struct error err = { 0 };
    AUTO(strings_clear) struct strings versions = { 0 };
    CHECK(elasticache_versions(service, "redis", aws_soon(), &versions, &err));
    assert_true(versions.count > 0);
    struct pair tag = { (char *)"ecmig:run", (char *)"r-1" };
    struct pairs tags = { &tag, 1 };
    struct pair policy = { (char *)"maxmemory-policy", (char *)"allkeys-lru" };
    struct config_target target = { .replication_group = (char *)"orders",
                                    .engine = (char *)"redis",
                                    .engine_version = versions.items[0],
                                    .node_type = (char *)"cache.r7g.large",
                                    .shards = SHAPE_UNSET,
                                    .replicas_per_shard = 1,
                                    .parameters = { &policy, 1 } };
    CHECK(elasticache_create(service, &target, NULL, &tags, aws_soon(), &err));
    wait_for_status("available");
    AUTO(replication_group_clear) struct replication_group group = { 0 };
    CHECK(elasticache_describe(service, "orders", aws_soon(), &group, &err));
    assert_int_equal(group.shards.count, 1);
    assert_int_equal(group.shards.items[0].nodes.count, 2);
    assert_string_equal(pairs_find(&group.properties, "multi_az"), "enabled");
    assert_false(group.transit_encryption);
    AUTO(cache_cluster_clear) struct cache_cluster cluster = { 0 };
    CHECK(elasticache_describe_cluster(service, group.member_clusters.items[0], aws_soon(),
                                       &cluster, &err));
    AUTO(pairs_clear) struct pairs parameters = { 0 };
    CHECK(elasticache_parameters(service, cluster.parameter_group, cluster.node_type, aws_soon(),
                                 &parameters, &err));
    struct pair wanted[] = { { (char *)"databases", (char *)"20" },
                             { (char *)"maxmemory-policy", (char *)"allkeys-" },
                             { (char *)"no-such-parameter", (char *)"1" } };
    AUTO(strings_clear) struct strings refused = { 0 };
    CHECK(elasticache_refused_parameters(service, cluster.parameter_group,
                                         &(struct pairs){ wanted, COUNT(wanted) }, aws_soon(),
                                         &refused, &err));
    assert_int_equal(refused.count, 2);
    assert_memory_equal(refused.items[0], "maxmemory-policy: ", strlen("maxmemory-policy: "));
    assert_memory_equal(refused.items[1], "no-such-parameter: ", strlen("no-such-parameter: "));
    int found_count = 0;
    for (size_t i = 0; i < parameters.count; i++) {
        const struct pair *pair = &parameters.items[i];
        found_count +=
            strcmp(pair->name, "maxmemory") == 0 ||
            (strcmp(pair->name, policy.name) == 0 && strcmp(pair->value, policy.value) == 0);
    }
    assert_int_equal(found_count, 2);
    AUTO(pairs_clear) struct pairs found = { 0 };
    CHECK(elasticache_tags(service, group.arn, aws_soon(), &found, &err));
    assert_string_equal(found.items[0].value, "r-1");
}

static void a_migration_is_tested_started_and_completed(void **state) {
    (void)state;
    AUTO(error_clear) struct error err = { 0 };
    int64_t began_ms = clock_wall_ms() - 1000, expires_at_ms = 0;
    assert_false(elasticache_complete(service, "orders", false, aws_soon(), &expires_at_ms, &err));
    assert_true(error_is_remote(&err, "ReplicationGroupNotUnderMigrationFault"));
    CHECK(elasticache_test(service, "orders", source_host, source_port, aws_soon(), &err));
    wait_for_event(MIGRATION_EVENT_TEST_SUCCEEDED, began_ms);
    wait_for_status("available");
    CHECK(elasticache_start(service, "orders", source_host, source_port, aws_soon(), &err));
    wait_for_event(MIGRATION_EVENT_STARTED, began_ms);
    wait_for_status("migrating");
    assert_false(elasticache_start(service, "orders", source_host, source_port, aws_soon(), &err));
    assert_int_equal(err.code, ERROR_SERVICE);
    CHECK(elasticache_complete(service, "orders", true, aws_soon(), &expires_at_ms, &err));
    wait_for_event(MIGRATION_EVENT_COMPLETE_SUCCEEDED, began_ms);
    wait_for_status("available");
}

/* It runs none, and says so in the documented words; what is malformed it refuses as such. */
static void serverless_caches_are_refused_as_documented(void **state) {
    (void)state;
    static const struct {
        struct serverless_source source;
        const char *code;
    } rows[] = {
        { { "10.0.0.1", 6379, "arn:s", "verify-ca", "PEM" }, "ServerlessCacheNotFoundFault" },
        { { .host = "10.0.0.1", .port = 6379 }, "ServerlessCacheNotFoundFault" },
        { { .port = 6379 }, "InvalidParameterValue" },
        { { .host = "10.0.0.1", .port = 6379, .tls_mode = "on" }, "InvalidParameterValue" },
        { { "10.0.0.1", 6379, NULL, "none", "PEM" }, "InvalidParameterCombination" },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        AUTO(error_clear) struct error err = { 0 };
        assert_false(elasticache_prepare(service, "fast", &rows[i].source, aws_soon(), &err));
        if (!error_is_remote(&err, rows[i].code))
            fail_msg("%zu: %s", i, err.message);
    }
    AUTO(error_clear) struct error err = { 0 };
    assert_false(elasticache_stop(service, "fast", aws_soon(), &err));
    assert_true(error_is_remote(&err, "ServerlessCacheNotFoundFault"));
    assert_non_null(strstr(err.message, "does not run serverless caches"));
    const struct serverless_start start = { true, true };
    assert_false(elasticache_start_serverless(service, "fast", &start, aws_soon(), &err));
    assert_true(error_is_remote(&err, "ServerlessCacheNotFoundFault"));
}

static void every_action_of_the_client_has_its_twin_here(void **state) {
    (void)state;
    static const char *const client[] = {
#define READS(id, name, service) name,
#define ACTS(id, name, service) name,
#include "providers/elasticache/actions/actions.def"
#undef ACTS
#undef READS
    };
    static const char *const endpoint[] = {
#define ACTION(id, name, service, effect) name,
#include "providers/local/actions/actions.def"
#undef ACTION
    };
    for (size_t i = 0; i < COUNT(client); i++) {
        bool found = false;
        for (size_t j = 0; j < COUNT(endpoint); j++)
            found = found || strcmp(client[i], endpoint[j]) == 0;
        if (!found)
            fail_msg("%s", client[i]);
    }
}

static void wrong_keys_are_refused(void **state) {
    (void)state;
    AUTO(error_clear) struct error err = { 0 };
    setenv("AWS_SECRET_ACCESS_KEY", AWS_CANARY_SECRET, 1);
    AUTO(elasticache_close) struct elasticache *stranger = aws_open(NULL);
    AUTO(replication_group_clear) struct replication_group group = { 0 };
    assert_false(elasticache_describe(stranger, "orders", aws_soon(), &group, &err));
    assert_int_equal(err.code, ERROR_CREDENTIALS);
    assert_true(error_is_remote(&err, "SignatureDoesNotMatch"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_there_before_is_told),
        cmocka_unit_test(a_group_is_created_as_asked),
        cmocka_unit_test(a_migration_is_tested_started_and_completed),
        cmocka_unit_test(serverless_caches_are_refused_as_documented),
        cmocka_unit_test(every_action_of_the_client_has_its_twin_here),
        cmocka_unit_test(wrong_keys_are_refused),
    };
    return cmocka_run_group_tests(tests, endpoint_up, endpoint_down);
}
