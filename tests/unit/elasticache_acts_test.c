/* The verbs that act: what they send, and the words that events answer with. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "schemas/base/clock.h"
#include "schemas/base/memory.h"
#include "tests/support/aws.h"
#include "tests/support/responder.h"

#define RUN(script)                                                                                \
    AUTO(responder_close) struct responder *server = responder_open(script, COUNT(script));        \
    AUTO(elasticache_close) struct elasticache *service = aws_open(responder_url(server));         \
    AUTO(error_clear) struct error err = { 0 }

static void completing_tells_until_when_a_copy_could_be_accepted(void **state) {
    (void)state;
    static const struct response script[] = { { .body =
                                                    AWS_ANSWER("CompleteMigration", AWS_GROUP) } };
    RUN(script);
    int64_t expires_at_ms = 0, before_ms = clock_wall_ms();
    assert_true(elasticache_complete(service, "orders", false, aws_soon(), &expires_at_ms, &err));
    assert_true(expires_at_ms >= before_ms + 15 * 60000);
    assert_true(elasticache_complete(service, "orders", true, aws_soon(), &expires_at_ms, &err));
    assert_string_equal(responder_body(server, 0),
                        "Action=CompleteMigration&Version=2015-02-02&ReplicationGroupId=orders");
    assert_string_equal(responder_body(server, 1), "Action=CompleteMigration&Version=2015-02-02"
                                                   "&ReplicationGroupId=orders&Force=true");
}

static void testing_and_starting_name_one_endpoint(void **state) {
    (void)state;
    static const struct response script[] = { { .body = AWS_ANSWER("TestMigration", AWS_GROUP) },
                                              { .body = AWS_ANSWER("StartMigration", AWS_GROUP) } };
    RUN(script);
    assert_true(elasticache_test(service, "orders-new", "10.0.4.17", 6379, aws_soon(), &err));
    assert_true(elasticache_start(service, "orders-new", "10.0.4.17", 6379, aws_soon(), &err));
    AUTO(strings_clear) struct strings requests = { 0 };
    elasticache_take_requests(service, &requests);
    AUTO(string_free) char *answered = strings_join(&requests, ", ");
    assert_string_equal(answered, "TestMigration r-1, StartMigration r-1");
    elasticache_take_requests(service, &requests);
    assert_int_equal(requests.count, 0);
    assert_string_equal(responder_body(server, 0),
                        "Action=TestMigration&Version=2015-02-02&ReplicationGroupId=orders-new"
                        "&CustomerNodeEndpointList.member.1.Address=10.0.4.17"
                        "&CustomerNodeEndpointList.member.1.Port=6379");
    assert_string_equal(responder_body(server, 1),
                        "Action=StartMigration&Version=2015-02-02&ReplicationGroupId=orders-new"
                        "&CustomerNodeEndpointList.member.1.Address=10.0.4.17"
                        "&CustomerNodeEndpointList.member.1.Port=6379");
}

#define CACHE(more)                                                                                \
    "<ServerlessCaches><member><ServerlessCacheName>fast</ServerlessCacheName><Status>AVAILABLE"   \
    "</Status><Engine>valkey</Engine><MajorEngineVersion>8</MajorEngineVersion><Endpoint>"         \
    "<Address>fast.example</Address><Port>6379</Port></Endpoint>" more "</member>"                 \
    "</ServerlessCaches>"

static void a_serverless_cache_tells_of_its_migration(void **state) {
    (void)state;
    static const struct response script[] = {
        { .body = AWS_ANSWER("DescribeServerlessCaches",
                             CACHE("<MigrationSummary><Status>SYNCING</Status><CutoverMode>MANUAL"
                                   "</CutoverMode><MigrationEndpoint><Address>10.0.0.1</Address>"
                                   "<Port>6380</Port></MigrationEndpoint></MigrationSummary>")) },
        { .body = AWS_ANSWER("DescribeServerlessCaches",
                             CACHE("<FullEngineVersion>8.1.2</FullEngineVersion><MigrationSummary>"
                                   "<MigrationEndpoint>m.example:6379</MigrationEndpoint>"
                                   "</MigrationSummary>")) },
    };
    RUN(script);
    AUTO(serverless_cache_clear) struct serverless_cache cache = { 0 };
    assert_true(elasticache_serverless(service, "fast", aws_soon(), &cache, &err));
    assert_string_equal(cache.version, "8");
    assert_string_equal(cache.endpoint.host, "fast.example");
    assert_string_equal(cache.migration_status, "SYNCING");
    assert_string_equal(cache.cutover_mode, "MANUAL");
    assert_string_equal(cache.migration_endpoint, "10.0.0.1:6380");
    assert_true(elasticache_serverless(service, "fast", aws_soon(), &cache, &err));
    assert_string_equal(cache.version, "8.1.2");
    assert_null(cache.migration_status);
    assert_string_equal(cache.migration_endpoint, "m.example:6379");
}

static void a_serverless_migration_is_asked_for_in_the_documented_words(void **state) {
    (void)state;
    static const struct response script[] = {
        { .body = AWS_ANSWER("PrepareMigration", "") },
        { .body = AWS_ANSWER("StartMigration", "") },
        { .status = 400, .body = AWS_REFUSAL("ServerlessCacheNotUnderMigrationFault", "no") },
        { .status = 400, .body = AWS_REFUSAL("InvalidServerlessCacheStateFault", "busy") },
    };
    RUN(script);
    const struct serverless_source source = { "10.0.0.1", 6379, "arn:aws:s", "verify-ca", "PEM" };
    const struct serverless_start start = { .auto_cutover = true, .clear_target = true };
    assert_true(elasticache_prepare(service, "fast", &source, aws_soon(), &err));
    assert_true(elasticache_start_serverless(service, "fast", &start, aws_soon(), &err));
    assert_string_equal(responder_body(server, 0),
                        "Action=PrepareMigration&Version=2015-02-02&ServerlessCacheName=fast"
                        "&CustomerNodeEndpointList.member.1.Address=10.0.0.1"
                        "&CustomerNodeEndpointList.member.1.Port=6379"
                        "&SourceAuthenticationConfiguration.SecretManagerConfig.SecretArn="
                        "arn%3Aaws%3As&SourceTlsConfiguration.SourceTlsMode=verify-ca"
                        "&SourceTlsConfiguration.SourceTlsCertificate=PEM");
    assert_string_equal(responder_body(server, 1),
                        "Action=StartMigration&Version=2015-02-02&ServerlessCacheName=fast"
                        "&AutoCutover=true&ClearTargetCacheData=true");
    assert_false(elasticache_stop(service, "fast", aws_soon(), &err));
    assert_true(error_is_remote(&err, "ServerlessCacheNotUnderMigrationFault"));
    error_clear(&err);
    assert_false(elasticache_stop(service, "fast", aws_soon(), &err));
    assert_true(error_is_remote(&err, "InvalidServerlessCacheStateFault"));
    assert_string_equal(responder_body(server, 3),
                        "Action=StopMigration&Version=2015-02-02&ServerlessCacheName=fast");
}

static void replicas_are_added_at_once(void **state) {
    (void)state;
    static const struct response script[] = {
        { .body = AWS_ANSWER("IncreaseReplicaCount", AWS_GROUP) },
    };
    RUN(script);
    assert_true(elasticache_add_replicas(service, "orders", 2, aws_soon(), &err));
    assert_string_equal(responder_body(server, 0),
                        "Action=IncreaseReplicaCount&Version=2015-02-02&ReplicationGroupId=orders"
                        "&NewReplicaCount=2&ApplyImmediately=true");
}

static void creating_says_aloud_what_cannot_be_changed_later(void **state) {
    (void)state;
    static const struct response script[] = {
        { .body = AWS_ANSWER("DescribeCacheEngineVersions",
                             "<CacheEngineVersions><CacheEngineVersion><CacheParameterGroupFamily>"
                             "valkey8</CacheParameterGroupFamily></CacheEngineVersion>"
                             "</CacheEngineVersions>") },
        { .body = AWS_ANSWER("CreateCacheParameterGroup", "") },
        { .body = AWS_ANSWER("CreateReplicationGroup", AWS_GROUP) },
    };
    RUN(script);
    char *groups[] = { (char *)"sg-0aaa", (char *)"sg-0bbb" };
    struct pair wanted[] = { { (char *)"owner", (char *)"team a" },
                             { (char *)"run", (char *)"overruled" } };
    struct pair run[] = { { (char *)"run", (char *)"r-1" } };
    struct pairs run_tags = { run, COUNT(run) };
    struct config_target target = {
        .replication_group = (char *)"orders-new",
        .engine = (char *)"valkey",
        .engine_version = (char *)"8.2",
        .node_type = (char *)"cache.r7g.large",
        .shards = SHAPE_UNSET,
        .replicas_per_shard = 2,
        .multi_az = TRI_YES,
        .security_groups = { groups, COUNT(groups) },
        .snapshot_window = (char *)"12:00-13:00",
        .tags = { wanted, COUNT(wanted) },
    };
    assert_true(elasticache_create(service, &target, NULL, &run_tags, aws_soon(), &err));
    assert_int_equal(responder_requests(server), 3); /* no parameter differs from its default */
    assert_string_equal(
        responder_body(server, 2),
        "Action=CreateReplicationGroup&Version=2015-02-02&ReplicationGroupId=orders-new"
        "&ReplicationGroupDescription=created%20by%20ecmig&Engine=valkey&EngineVersion=8.2"
        "&CacheNodeType=cache.r7g.large&SecurityGroupIds.SecurityGroupId.1=sg-0aaa"
        "&SecurityGroupIds.SecurityGroupId.2=sg-0bbb&SnapshotWindow=12%3A00-13%3A00"
        "&NumCacheClusters=3&AutomaticFailoverEnabled=true&MultiAZEnabled=true"
        "&CacheParameterGroupName=orders-new-ecmig"
        "&Tags.Tag.1.Key=owner&Tags.Tag.1.Value=team%20a&Tags.Tag.2.Key=run&Tags.Tag.2.Value=r-1&"
        "TransitEncryptionEnabled=false"
        "&AtRestEncryptionEnabled=true");
}

static void a_group_with_cluster_mode_is_created_with_its_slots(void **state) {
    (void)state;
    static const struct response script[] = {
        { .body = AWS_ANSWER("DescribeCacheEngineVersions",
                             "<CacheEngineVersions><CacheEngineVersion><CacheParameterGroupFamily>"
                             "redis7</CacheParameterGroupFamily></CacheEngineVersion>"
                             "</CacheEngineVersions>") },
        { .body = AWS_ANSWER("CreateCacheParameterGroup", "") },
        { .body = AWS_ANSWER("ModifyCacheParameterGroup", "") },
        { .body = AWS_ANSWER("CreateReplicationGroup", AWS_GROUP) },
    };
    RUN(script);
    char *ranges[] = { (char *)"0-8191", (char *)"8192-16383" };
    struct strings slots = { ranges, COUNT(ranges) };
    struct config_target target = { .replication_group = (char *)"orders",
                                    .engine = (char *)"redis",
                                    .node_type = (char *)"cache.r7g.large",
                                    .shards = 2,
                                    .replicas_per_shard = 1 };
    assert_true(elasticache_create(service, &target, &slots, NULL, aws_soon(), &err));
    assert_string_equal(
        responder_body(server, 2),
        "Action=ModifyCacheParameterGroup&Version=2015-02-02&CacheParameterGroupName=orders-ecmig"
        "&ParameterNameValues.ParameterNameValue.1.ParameterName=cluster-enabled"
        "&ParameterNameValues.ParameterNameValue.1.ParameterValue=yes");
    assert_string_equal(responder_body(server, 3),
                        "Action=CreateReplicationGroup&Version=2015-02-02&ReplicationGroupId=orders"
                        "&ReplicationGroupDescription=created%20by%20ecmig&Engine=redis"
                        "&CacheNodeType=cache.r7g.large"
                        "&NodeGroupConfiguration.NodeGroupConfiguration.1.NodeGroupId=0001"
                        "&NodeGroupConfiguration.NodeGroupConfiguration.1.Slots=0-8191"
                        "&NodeGroupConfiguration.NodeGroupConfiguration.1.ReplicaCount=1"
                        "&NodeGroupConfiguration.NodeGroupConfiguration.2.NodeGroupId=0002"
                        "&NodeGroupConfiguration.NodeGroupConfiguration.2.Slots=8192-16383"
                        "&NodeGroupConfiguration.NodeGroupConfiguration.2.ReplicaCount=1"
                        "&AutomaticFailoverEnabled=true&MultiAZEnabled=true"
                        "&CacheParameterGroupName=orders-ecmig&TransitEncryptionEnabled=false"
                        "&AtRestEncryptionEnabled=false");
}

static void parameters_of_a_new_group_get_a_parameter_group_of_their_own(void **state) {
    (void)state;
#define OWN_GROUP(text)                                                                            \
    AWS_ANSWER("DescribeCacheParameterGroups",                                                     \
               "<CacheParameterGroups><CacheParameterGroup><Description>" text                     \
               "</Description></CacheParameterGroup></CacheParameterGroups>")
#define FAMILY                                                                                     \
    AWS_ANSWER("DescribeCacheEngineVersions",                                                      \
               "<CacheEngineVersions><CacheEngineVersion><CacheParameterGroupFamily>valkey8"       \
               "</CacheParameterGroupFamily></CacheEngineVersion></CacheEngineVersions>")
    static const struct response script[] = {
        { .body = FAMILY },
        { .status = 400, .body = AWS_REFUSAL("CacheParameterGroupAlreadyExists", "is there") },
        { .body = OWN_GROUP("made by ecmig for orders") },
        { .body = AWS_ANSWER("ModifyCacheParameterGroup", "") },
        { .body = AWS_ANSWER("CreateReplicationGroup", AWS_GROUP) },
        { .body = FAMILY },
        { .status = 400, .body = AWS_REFUSAL("CacheParameterGroupAlreadyExists", "is there") },
        { .body = OWN_GROUP("somebody's") },
    };
    RUN(script);
    struct pair pair = { (char *)"maxmemory-policy", (char *)"noeviction" };
    struct config_target target = { .replication_group = (char *)"orders",
                                    .engine = (char *)"valkey",
                                    .shards = SHAPE_UNSET,
                                    .replicas_per_shard = SHAPE_UNSET,
                                    .parameters = { &pair, 1 } };
    assert_true(elasticache_create(service, &target, NULL, NULL, aws_soon(), &err));
    assert_string_equal(responder_body(server, 0),
                        "Action=DescribeCacheEngineVersions&Version=2015-02-02&Engine=valkey"
                        "&DefaultOnly=true");
    assert_string_equal(responder_body(server, 1),
                        "Action=CreateCacheParameterGroup&Version=2015-02-02"
                        "&CacheParameterGroupName=orders-ecmig&CacheParameterGroupFamily=valkey8"
                        "&Description=made%20by%20ecmig%20for%20orders");
    assert_string_equal(
        responder_body(server, 3),
        "Action=ModifyCacheParameterGroup&Version=2015-02-02&CacheParameterGroupName=orders-ecmig"
        "&ParameterNameValues.ParameterNameValue.1.ParameterName=maxmemory-policy"
        "&ParameterNameValues.ParameterNameValue.1.ParameterValue=noeviction");
    assert_non_null(strstr(responder_body(server, 4), "&CacheParameterGroupName=orders-ecmig&"));
    assert_false(elasticache_create(service, &target, NULL, NULL, aws_soon(), &err));
    assert_int_equal(err.code, ERROR_CONFLICT);
    assert_int_equal(responder_requests(server), 8);
}

static void parameters_of_an_upgrade_are_of_the_new_family(void **state) {
    (void)state;
    static const struct response script[] = {
        { .body = FAMILY },
        { .body = AWS_ANSWER("CreateCacheParameterGroup", "") },
        { .body = AWS_ANSWER("ModifyCacheParameterGroup", "") },
        { .body = AWS_ANSWER("ModifyReplicationGroup", AWS_GROUP) },
    };
    RUN(script);
    struct pair pair = { (char *)"maxmemory-policy", (char *)"noeviction" };
    const struct config_target wanted = { .replication_group = (char *)"orders",
                                          .engine_version = (char *)"8.0",
                                          .multi_az = TRI_UNSET,
                                          .parameters = { &pair, 1 } };
    const struct config_target present = { .engine = (char *)"valkey",
                                           .engine_version = (char *)"7.2.6" };
    const struct group_change change = { .wanted = &wanted, .present = &present };
    assert_true(elasticache_modify(service, &change, aws_soon(), &err));
    assert_non_null(strstr(responder_body(server, 0), "&EngineVersion=8.0"));
    assert_non_null(strstr(responder_body(server, 3), "&EngineVersion=8.0&"));
    assert_non_null(strstr(responder_body(server, 3), "&CacheParameterGroupName=orders-ecmig&"));
}

static void a_group_gets_a_parameter_group_of_its_own_without_parameters(void **state) {
    (void)state;
    static const struct response script[] = {
        { .body = FAMILY },
        { .body = AWS_ANSWER("CreateCacheParameterGroup", "") },
        { .body = AWS_ANSWER("ModifyReplicationGroup", AWS_GROUP) },
        { .body = AWS_ANSWER("ModifyReplicationGroup", AWS_GROUP) },
    };
    RUN(script);
    const struct config_target wanted = { .replication_group = (char *)"orders",
                                          .multi_az = TRI_UNSET };
    const struct config_target present = { .engine = (char *)"valkey",
                                           .engine_version = (char *)"8.0.1" };
    struct group_change change = { .wanted = &wanted,
                                   .present = &present,
                                   .own_parameter_group = true };
    assert_true(elasticache_modify(service, &change, aws_soon(), &err));
    assert_non_null(strstr(responder_body(server, 1), "&CacheParameterGroupFamily=valkey8&"));
    assert_non_null(strstr(responder_body(server, 2), "&CacheParameterGroupName=orders-ecmig&"));
    change.own_parameter_group = false;
    assert_true(elasticache_modify(service, &change, aws_soon(), &err));
    assert_null(strstr(responder_body(server, 3), "CacheParameterGroupName"));
}

static void protection_is_changed_one_call_at_a_time(void **state) {
    (void)state;
    static const struct response script[] = {
        { .body = AWS_ANSWER("ModifyReplicationGroup", AWS_GROUP) },
        { .body = AWS_ANSWER("ModifyReplicationGroup", AWS_GROUP) },
        { .body = AWS_ANSWER("ModifyReplicationGroup", AWS_GROUP) },
        { .body = AWS_ANSWER("ModifyReplicationGroup", AWS_GROUP) },
        { .body = AWS_ANSWER("ModifyReplicationGroup", AWS_GROUP) },
    };
    RUN(script);
    AUTO(strings_clear) struct strings groups = { 0 };
    strings_add(&groups, "app-users");
    const struct group_auth add = { .user_groups = &groups }, none = { .no_user_groups = true },
                            pass = { .user_groups = &groups, .strategy = "DELETE" };
    assert_true(elasticache_encrypt(service, "orders", "required", aws_soon(), &err));
    assert_true(elasticache_encrypt(service, "orders", "off", aws_soon(), &err));
    assert_true(elasticache_authenticate(service, "orders", &add, aws_soon(), &err));
    assert_true(elasticache_authenticate(service, "orders", &none, aws_soon(), &err));
    assert_true(elasticache_authenticate(service, "orders", &pass, aws_soon(), &err));
    static const char *const bodies[] = {
        "&TransitEncryptionEnabled=true&TransitEncryptionMode=required&ApplyImmediately=true",
        "&TransitEncryptionEnabled=false&ApplyImmediately=true",
        "&UserGroupIdsToAdd.member.1=app-users&ApplyImmediately=true",
        "&RemoveUserGroups=true&ApplyImmediately=true",
        ("&UserGroupIdsToAdd.member.1=app-users&AuthTokenUpdateStrategy=DELETE"
         "&ApplyImmediately=true"),
    };
    for (size_t i = 0; i < COUNT(bodies); i++) {
        AUTO(string_free)
        char *whole = xasprintf("Action=ModifyReplicationGroup&Version=2015-02-02"
                                "&ReplicationGroupId=orders%s",
                                bodies[i]);
        assert_string_equal(responder_body(server, i), whole);
    }
}

/* What the service quotes of a request must not show up in a message. */
static void a_token_is_sent_and_never_told(void **state) {
    (void)state;
    static const struct response script[] = {
        { .body = AWS_ANSWER("ModifyReplicationGroup", AWS_GROUP) },
        { .body = AWS_ANSWER("ModifyReplicationGroup", AWS_GROUP) },
        { .status = 400,
          .body = AWS_REFUSAL("InvalidParameterValue",
                              "Invalid AuthToken: correct-horse-battery is too simple") },
    };
    RUN(script);
    AUTO(secret_free) struct secret *token = secret_new("correct-horse-battery", 21);
    const struct group_auth rotate = { .strategy = "ROTATE", .token = token };
    assert_true(elasticache_authenticate(service, "orders", &rotate, aws_soon(), &err));
    assert_true(elasticache_make_durable(service, "orders", "sync", aws_soon(), &err));
    assert_non_null(strstr(responder_body(server, 0),
                           "&AuthTokenUpdateStrategy=ROTATE&AuthToken=correct-horse-battery"));
    assert_non_null(strstr(responder_body(server, 1), "&Durability=sync&ApplyImmediately=true"));
    AUTO(strings_clear) struct strings requests = { 0 };
    elasticache_take_requests(service, &requests);
    for (size_t i = 0; i < requests.count; i++)
        assert_null(strstr(requests.items[i], "horse"));
    assert_false(elasticache_authenticate(service, "orders", &rotate, aws_soon(), &err));
    assert_non_null(strstr(err.message, "is too simple"));
    assert_null(strstr(err.message, "horse"));
}

static void events_are_told_apart_by_their_words_not_by_names(void **state) {
    (void)state;
    static const struct {
        const char *message;
        enum migration_event event;
    } rows[] = {
        { "Complete Migration successful for orders", MIGRATION_EVENT_COMPLETE_SUCCEEDED },
        { "COMPLETE MIGRATION SUCCESSFUL FOR orders.", MIGRATION_EVENT_COMPLETE_SUCCEEDED },
        { "Migration operation succeeded for replication group orders.",
          MIGRATION_EVENT_SUCCEEDED },
        { "Migration operation failed for replication group orders.", MIGRATION_EVENT_FAILED },
        { "Migration operation failed for replication group orders because of invalid RDB received",
          MIGRATION_EVENT_FAILED },
        { "Starting migration operation for target cluster orders with source cluster endpoint "
          "10.0.0.1 and port 6379",
          MIGRATION_EVENT_STARTED },
        { "Test migration completed successfully for orders", MIGRATION_EVENT_TEST_SUCCEEDED },
        { "Test Migration failed for orders", MIGRATION_EVENT_FAILED },
        { "Complete Migration successful for failed", MIGRATION_EVENT_COMPLETE_SUCCEEDED },
        { "Migration operation succeeded for replication group test-migration.",
          MIGRATION_EVENT_SUCCEEDED },
        { "Failover to replica node orders-migration-002 completed", MIGRATION_EVENT_OTHER },
        { "Replication group orders created", MIGRATION_EVENT_OTHER },
        { "", MIGRATION_EVENT_OTHER },
        { NULL, MIGRATION_EVENT_OTHER },
    };
    for (size_t i = 0; i < COUNT(rows); i++)
        if (elasticache_classify(rows[i].message) != rows[i].event)
            fail_msg("'%s'", rows[i].message);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(completing_tells_until_when_a_copy_could_be_accepted),
        cmocka_unit_test(testing_and_starting_name_one_endpoint),
        cmocka_unit_test(a_serverless_cache_tells_of_its_migration),
        cmocka_unit_test(a_serverless_migration_is_asked_for_in_the_documented_words),
        cmocka_unit_test(replicas_are_added_at_once),
        cmocka_unit_test(creating_says_aloud_what_cannot_be_changed_later),
        cmocka_unit_test(a_group_with_cluster_mode_is_created_with_its_slots),
        cmocka_unit_test(parameters_of_a_new_group_get_a_parameter_group_of_their_own),
        cmocka_unit_test(parameters_of_an_upgrade_are_of_the_new_family),
        cmocka_unit_test(a_group_gets_a_parameter_group_of_its_own_without_parameters),
        cmocka_unit_test(protection_is_changed_one_call_at_a_time),
        cmocka_unit_test(a_token_is_sent_and_never_told),
        cmocka_unit_test(events_are_told_apart_by_their_words_not_by_names),
    };
    return cmocka_run_group_tests(tests, aws_set_environment, NULL);
}
