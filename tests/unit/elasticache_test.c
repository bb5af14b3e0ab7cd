/* Every verb that reads: what it sends, and what it makes of the answer. */
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

static void a_group_is_described_over_one_connection(void **state) {
    (void)state;
    static const struct response script[] = { { .body = AWS_DESCRIBED } };
    RUN(script);
    for (int i = 0; i < 3; i++) {
        AUTO(replication_group_clear) struct replication_group group = { 0 };
        assert_true(elasticache_describe(service, "orders", aws_soon(), &group, &err));
        assert_string_equal(group.id, "orders");
        assert_string_equal(group.status, "available");
        assert_string_equal(pairs_find(&group.properties, "multi_az"), "enabled");
        assert_null(group.engine);
        assert_false(group.pending_changes);
        assert_int_equal(group.shards.count, 1);
        assert_string_equal(group.shards.items[0].nodes.items[0].role, "primary");
        assert_int_equal(group.shards.items[0].primary.port, 6379);
        assert_null(group.configuration.host);
    }
    assert_string_equal(
        responder_body(server, 0),
        "Action=DescribeReplicationGroups&Version=2015-02-02&ReplicationGroupId=orders");
    assert_int_equal(responder_connections(server), 1);
    assert_true(aws_signature_holds(responder_request(server, 0), responder_body(server, 0),
                                    AWS_CANARY_SECRET));
    assert_false(aws_signature_holds(responder_request(server, 0), "altered", AWS_CANARY_SECRET));
    assert_null(strstr(responder_request(server, 0), AWS_CANARY_SECRET));
}

static void a_sharded_group_has_slots_and_pending_changes(void **state) {
    (void)state;
    static const struct response script[] = {
        { .body = AWS_ANSWER(
              "DescribeReplicationGroups",
              "<ReplicationGroups><ReplicationGroup><Extra><Deep>x</Deep></Extra>"
              "<ReplicationGroupId>Orders</ReplicationGroupId><Status>migrating</Status>"
              "<PendingModifiedValues><Resharding><SlotMigration><ProgressPercentage>42.5"
              "</ProgressPercentage></SlotMigration></Resharding></PendingModifiedValues>"
              "<GlobalReplicationGroupInfo><GlobalReplicationGroupId>g-1"
              "</GlobalReplicationGroupId></GlobalReplicationGroupInfo>"
              "<UserGroupIds><member>u1</member><member>u2</member></UserGroupIds>"
              "<NodeGroups><NodeGroup><NodeGroupId>0002</NodeGroupId></NodeGroup><NodeGroup>"
              "<NodeGroupId>0001</NodeGroupId><Slots>0-8191</Slots></NodeGroup></NodeGroups>"
              "<ConfigurationEndpoint><Address>c.example</Address><Port>6379</Port>"
              "</ConfigurationEndpoint><SnapshotRetentionLimit>7</SnapshotRetentionLimit>"
              "<ClusterEnabled>true</ClusterEnabled></ReplicationGroup></ReplicationGroups>") }
    };
    RUN(script);
    AUTO(replication_group_clear) struct replication_group group = { 0 };
    assert_true(elasticache_describe(service, "orders", aws_soon(), &group, &err));
    assert_true(group.pending_changes);
    assert_true(group.cluster_enabled);
    assert_string_equal(group.global_datastore, "g-1");
    assert_int_equal(group.user_groups.count, 2);
    assert_int_equal(group.shards.count, 2);
    assert_string_equal(group.shards.items[0].slots, "0-8191");
    assert_null(group.shards.items[1].status);
    assert_string_equal(group.configuration.host, "c.example");
    assert_int_equal(group.snapshot_retention_days, 7);
}

static void a_node_of_the_group_is_described(void **state) {
    (void)state;
    static const struct response script[] = {
        { .body = AWS_ANSWER(
              "DescribeCacheClusters",
              "<CacheClusters><CacheCluster><CacheClusterId>orders-001</CacheClusterId>"
              "<CacheClusterStatus>rebooting cluster nodes</CacheClusterStatus>"
              "<EngineVersion>8.2.0</EngineVersion><CacheParameterGroup>"
              "<CacheParameterGroupName>orders8</CacheParameterGroupName></CacheParameterGroup>"
              "<SecurityGroups><member><SecurityGroupId>sg-2</SecurityGroupId></member>"
              "<member><SecurityGroupId>sg-1</SecurityGroupId></member></SecurityGroups>"
              "</CacheCluster></CacheClusters>") },
        { .body = AWS_ANSWER("DescribeCacheClusters", "<CacheClusters/>") },
    };
    RUN(script);
    AUTO(cache_cluster_clear) struct cache_cluster cluster = { 0 };
    assert_true(elasticache_describe_cluster(service, "orders-001", aws_soon(), &cluster, &err));
    assert_string_equal(cluster.status, "rebooting cluster nodes");
    assert_string_equal(cluster.parameter_group, "orders8");
    assert_string_equal(cluster.security_groups.items[0], "sg-1");
    assert_null(pairs_find(&cluster.properties, "subnet_group"));
    assert_false(elasticache_describe_cluster(service, "x", aws_soon(), &cluster, &err));
    assert_int_equal(err.code, ERROR_NOT_FOUND);
    assert_string_equal(cluster.id, "orders-001");
}

#define PARAMETERS(marker, list) AWS_ANSWER("DescribeCacheParameters", marker list)
#define PARAMETER(name, value)                                                                     \
    "<Parameter><ParameterName>" name "</ParameterName><ParameterValue>" value                     \
    "</ParameterValue></Parameter>"

static void parameters_come_from_all_pages_for_one_node_type(void **state) {
    (void)state;
    static const struct response script[] = {
        { .body = PARAMETERS("<Marker>a+b=</Marker>",
                             "<Parameters>" PARAMETER("timeout", "0") "</Parameters>") },
        { .body = PARAMETERS(
              "<Marker/>",
              "<Parameters>" PARAMETER("databases", "16") PARAMETER(
                  "notify",
                  "") "</"
                      "Parameters><CacheNodeTypeSpecificParameters><CacheNodeTypeSpecificParameter>"
                      "<ParameterName>maxmemory</ParameterName><CacheNodeTypeSpecificValues>"
                      "<CacheNodeTypeSpecificValue><CacheNodeType>cache.m</CacheNodeType><Value>1</"
                      "Value>"
                      "</CacheNodeTypeSpecificValue><CacheNodeTypeSpecificValue>"
                      "<CacheNodeType>cache.r</CacheNodeType><Value>2</Value>"
                      "</CacheNodeTypeSpecificValue></CacheNodeTypeSpecificValues>"
                      "</CacheNodeTypeSpecificParameter></CacheNodeTypeSpecificParameters>") },
    };
    RUN(script);
    AUTO(pairs_clear) struct pairs pairs = { 0 };
    assert_true(elasticache_parameters(service, "g", "cache.r", aws_soon(), &pairs, &err));
    assert_string_equal(responder_body(server, 1),
                        "Action=DescribeCacheParameters&Version=2015-02-02"
                        "&CacheParameterGroupName=g&Marker=a%2Bb%3D");
    assert_int_equal(pairs.count, 4);
    assert_string_equal(pairs.items[0].name, "databases");
    assert_string_equal(pairs.items[1].name, "maxmemory");
    assert_string_equal(pairs.items[1].value, "2");
    assert_string_equal(pairs.items[2].value, "");
    assert_string_equal(pairs.items[3].name, "timeout");
}

static void a_page_marker_that_repeats_is_an_error(void **state) {
    (void)state;
    static const struct response script[] = { { .body = PARAMETERS("<Marker>again</Marker>",
                                                                   "<Parameters/>") } };
    RUN(script);
    AUTO(pairs_clear) struct pairs pairs = { 0 };
    assert_false(elasticache_parameters(service, "g", NULL, aws_soon(), &pairs, &err));
    assert_int_equal(err.code, ERROR_FORMAT);
    assert_int_equal(responder_requests(server), 2);
}

#define EVENT(date, message) "<Event><Date>" date "</Date><Message>" message "</Message></Event>"

static void events_are_sorted_and_told_once(void **state) {
    (void)state;
    static const struct response script[] = {
        { .body = AWS_ANSWER("DescribeEvents",
                             "<Marker>m</Marker><Events>" EVENT("2099-03-01T10:00:02.119Z", "two")
                                 EVENT("2099-03-01T10:00:01Z", "one") "</Events>") },
        { .body =
              AWS_ANSWER("DescribeEvents", "<Events>" EVENT("2099-03-01T10:00:02.119Z", "two")
                                               EVENT("2001-01-01T00:00:00Z", "old") "</Events>") },
    };
    RUN(script);
    AUTO(service_events_clear) struct service_events events = { 0 };
    int64_t since_ms = clock_wall_ms() - 5000;
    assert_true(elasticache_events(service, "orders", since_ms, aws_soon(), &events, &err));
    assert_int_equal(events.count, 2);
    assert_string_equal(events.items[0].message, "one");
    assert_string_equal(events.items[1].message, "two");
    char start[CLOCK_TEXT_BYTES];
    clock_format_seconds(since_ms, start);
    AUTO(string_free)
    char *body = xasprintf("Action=DescribeEvents&Version=2015-02-02&SourceIdentifier=orders"
                           "&SourceType=replication-group&StartTime=%.13s%%3A%.2s%%3A%.3s",
                           start, start + 14, start + 17);
    assert_string_equal(responder_body(server, 0), body);
}

static void identity_tags_versions_and_serverless_names_are_read(void **state) {
    (void)state;
    static const struct response script[] = {
        { .body = AWS_ANSWER("GetCallerIdentity",
                             "<Arn>arn:aws:iam::1:user/d</Arn><Account>1</Account>") },
        { .body = AWS_ANSWER("ListTagsForResource",
                             "<TagList><Tag><Key>b</Key><Value/></Tag><Tag><Key>a</Key>"
                             "<Value>x y</Value></Tag></TagList>") },
        { .body = AWS_ANSWER("DescribeCacheEngineVersions",
                             "<CacheEngineVersions><CacheEngineVersion>"
                             "<EngineVersion>8.2</EngineVersion></CacheEngineVersion>"
                             "<CacheEngineVersion><EngineVersion>8.2</EngineVersion>"
                             "</CacheEngineVersion><CacheEngineVersion>"
                             "<EngineVersion>7.2</EngineVersion></CacheEngineVersion>"
                             "</CacheEngineVersions>") },
        { .status = 404, .body = AWS_REFUSAL("ServerlessCacheNotFoundFault", "none") },
        { .body = AWS_ANSWER("DescribeServerlessCaches",
                             "<ServerlessCaches><member><ServerlessCacheName>x"
                             "</ServerlessCacheName></member></ServerlessCaches>") },
    };
    AUTO(responder_close) struct responder *server = responder_open(script, COUNT(script));
    setenv("AWS_ENDPOINT_URL", responder_url(server), 1);
    AUTO(elasticache_close) struct elasticache *service = aws_open(NULL);
    unsetenv("AWS_ENDPOINT_URL");
    AUTO(error_clear) struct error err = { 0 };
    AUTO(service_identity_clear) struct service_identity identity = { 0 };
    assert_true(elasticache_identity(service, aws_soon(), &identity, &err));
    assert_string_equal(identity.account, "1");
    assert_string_equal(responder_body(server, 0), "Action=GetCallerIdentity&Version=2011-06-15");
    assert_non_null(strstr(responder_request(server, 0), "/us-east-1/sts/aws4_request"));
    AUTO(pairs_clear) struct pairs tags = { 0 };
    assert_true(elasticache_tags(service, "arn:aws:x", aws_soon(), &tags, &err));
    assert_string_equal(tags.items[0].value, "x y");
    assert_string_equal(tags.items[1].value, "");
    AUTO(strings_clear) struct strings versions = { 0 };
    assert_true(elasticache_versions(service, "valkey", aws_soon(), &versions, &err));
    assert_int_equal(versions.count, 2);
    assert_string_equal(versions.items[0], "7.2");
    AUTO(serverless_cache_clear) struct serverless_cache cache = { .exists = true };
    assert_true(elasticache_serverless(service, "x", aws_soon(), &cache, &err));
    assert_false(cache.exists);
    assert_true(elasticache_serverless(service, "x", aws_soon(), &cache, &err));
    assert_true(cache.exists);
    assert_null(cache.migration_status);
}

static void updates_that_are_not_through_are_told(void **state) {
    (void)state;
#define UPDATE(name, status, offer)                                                                \
    "<UpdateAction><ServiceUpdateName>" name "</ServiceUpdateName><UpdateActionStatus>" status     \
    "</UpdateActionStatus><ServiceUpdateStatus>" offer "</ServiceUpdateStatus></UpdateAction>"
    static const struct response script[] = {
        { .body = AWS_ANSWER("DescribeUpdateActions",
                             "<UpdateActions>" UPDATE("b", "scheduled", "available")
                                 UPDATE("c", "not-applied", "expired")
                                     UPDATE("a", "not-applied", "available") "</UpdateActions>") },
        { .body = AWS_ANSWER("DescribeUpdateActions", "<UpdateActions/>") },
    };
    RUN(script);
    AUTO(pairs_clear) struct pairs updates = { 0 };
    assert_true(elasticache_updates(service, "orders", aws_soon(), &updates, &err));
    assert_int_equal(updates.count, 2);
    assert_string_equal(pairs_find(&updates, "a"), "not-applied");
    assert_string_equal(pairs_find(&updates, "b"), "scheduled");
    assert_string_equal(responder_body(server, 0),
                        "Action=DescribeUpdateActions&Version=2015-02-02"
                        "&ReplicationGroupIds.member.1=orders&UpdateActionStatus.member.1="
                        "not-applied&UpdateActionStatus.member.2=waiting-to-start"
                        "&UpdateActionStatus.member.3=in-progress&UpdateActionStatus.member.4="
                        "stopping&UpdateActionStatus.member.5=stopped&UpdateActionStatus.member.6="
                        "scheduling&UpdateActionStatus.member.7=scheduled");
    assert_true(elasticache_updates(service, "orders", aws_soon(), &updates, &err));
    assert_int_equal(updates.count, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_group_is_described_over_one_connection),
        cmocka_unit_test(a_sharded_group_has_slots_and_pending_changes),
        cmocka_unit_test(a_node_of_the_group_is_described),
        cmocka_unit_test(parameters_come_from_all_pages_for_one_node_type),
        cmocka_unit_test(a_page_marker_that_repeats_is_an_error),
        cmocka_unit_test(events_are_sorted_and_told_once),
        cmocka_unit_test(identity_tags_versions_and_serverless_names_are_read),
        cmocka_unit_test(updates_that_are_not_through_are_told),
    };
    return cmocka_run_group_tests(tests, aws_set_environment, NULL);
}
