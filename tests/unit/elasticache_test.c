#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "providers/elasticache/elasticache.h"
#include "schemas/base/clock.h"
#include "schemas/base/memory.h"
#include "tests/support/responder.h"

#define GROUP                                                                                      \
    "<ReplicationGroup><ReplicationGroupId>orders</ReplicationGroupId>"                            \
    "<Status>available</Status><PendingModifiedValues/>"                                           \
    "<MemberClusters><ClusterId>orders-001</ClusterId></MemberClusters>"                           \
    "<NodeGroups><NodeGroup><NodeGroupId>0001</NodeGroupId><Status>available</Status>"             \
    "<PrimaryEndpoint><Address>10.0.0.1</Address><Port>6379</Port></PrimaryEndpoint>"              \
    "<NodeGroupMembers><NodeGroupMember><CacheClusterId>orders-001</CacheClusterId>"               \
    "<CurrentRole>primary</CurrentRole><PreferredAvailabilityZone>z1</PreferredAvailabilityZone>"  \
    "<ReadEndpoint><Address>10.0.0.1</Address><Port>6379</Port></ReadEndpoint></NodeGroupMember>"  \
    "</NodeGroupMembers></NodeGroup></NodeGroups><MultiAZ>enabled</MultiAZ>"                       \
    "<ClusterEnabled>false</ClusterEnabled></ReplicationGroup>"
#define DESCRIBED                                                                                  \
    "<DescribeReplicationGroupsResponse "                                                          \
    "xmlns=\"http://elasticache.amazonaws.com/doc/2015-02-02/\">"                                  \
    "<DescribeReplicationGroupsResult><Marker></Marker><ReplicationGroups>" GROUP                  \
    "</ReplicationGroups></DescribeReplicationGroupsResult>"                                       \
    "<ResponseMetadata><RequestId>r-1</RequestId></ResponseMetadata>"                              \
    "</DescribeReplicationGroupsResponse>"
#define COMPLETED                                                                                  \
    "<CompleteMigrationResponse><CompleteMigrationResult>" GROUP                                   \
    "</CompleteMigrationResult></CompleteMigrationResponse>"
#define REFUSAL(code, message)                                                                     \
    "<ErrorResponse><Error><Type>Sender</Type><Code>" code "</Code><Message>" message              \
    "</Message></Error><RequestId>r-9</RequestId></ErrorResponse>"

#define ONE_MINUTE_MS 60000

static int set_environment(void **state) {
    (void)state;
    setenv("HOME", "/nonexistent", 1);
    setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE", 1);
    setenv("AWS_SECRET_ACCESS_KEY", "a-canary-secret", 1);
    setenv("AWS_SESSION_TOKEN", "a-canary-token", 1);
    setenv("AWS_REGION", "us-east-1", 1);
    setenv("http_proxy", "http://127.77.4.2:9", 1);
    return 0;
}

static struct elasticache *open_at(const char *url) {
    struct elasticache *service = NULL;
    struct error err = { 0 };
    struct elasticache_options options = { .endpoint_url = url };
    bool opened = elasticache_open(&options, &service, &err);
    if (!opened)
        print_error("%s\n", err.message);
    assert_true(opened);
    return service;
}

static void a_group_is_described(void **state) {
    (void)state;
    static const struct response script[] = { { .body = DESCRIBED } };
    AUTO(responder_close) struct responder *server = responder_open(script, COUNT(script));
    AUTO(elasticache_close) struct elasticache *service = open_at(responder_url(server));
    for (int i = 0; i < 3; i++) {
        AUTO(error_clear) struct error err = { 0 };
        AUTO(replication_group_clear) struct replication_group group = { 0 };
        assert_true(
            elasticache_describe(service, "orders", clock_mono_ms() + ONE_MINUTE_MS, &group, &err));
        assert_string_equal(group.status, "available");
        assert_string_equal(group.multi_az, "enabled");
        assert_false(group.pending_changes);
        assert_int_equal(group.shards.count, 1);
        assert_string_equal(group.shards.items[0].nodes.items[0].role, "primary");
        assert_int_equal(group.shards.items[0].primary.port, 6379);
    }
    assert_string_equal(
        responder_body(server, 0),
        "Action=DescribeReplicationGroups&Version=2015-02-02&ReplicationGroupId=orders");
    assert_int_equal(responder_connections(server), 1);
}

static void completing_tells_until_when_a_copy_could_be_accepted(void **state) {
    (void)state;
    static const struct response script[] = { { .body = COMPLETED } };
    AUTO(responder_close) struct responder *server = responder_open(script, COUNT(script));
    AUTO(elasticache_close) struct elasticache *service = open_at(responder_url(server));
    AUTO(error_clear) struct error err = { 0 };
    int64_t expires_at_ms = 0, before_ms = clock_wall_ms();
    assert_true(elasticache_complete(service, "orders", false, clock_mono_ms() + ONE_MINUTE_MS,
                                     &expires_at_ms, &err));
    assert_true(expires_at_ms >= before_ms + 15 * ONE_MINUTE_MS);
    assert_string_equal(responder_body(server, 0),
                        "Action=CompleteMigration&Version=2015-02-02&ReplicationGroupId=orders");
}

static void what_acts_is_sent_once_even_over_a_connection_that_breaks(void **state) {
    (void)state;
    static const struct response script[] = { { .body = DESCRIBED },
                                              { .kind = RESPOND_BY_CLOSING } };
    AUTO(responder_close) struct responder *server = responder_open(script, COUNT(script));
    AUTO(elasticache_close) struct elasticache *service = open_at(responder_url(server));
    AUTO(error_clear) struct error err = { 0 };
    AUTO(replication_group_clear) struct replication_group group = { 0 };
    int64_t deadline_mono_ms = clock_mono_ms() + ONE_MINUTE_MS, expires_at_ms = 0;
    assert_true(elasticache_describe(service, "orders", deadline_mono_ms, &group, &err));
    assert_false(
        elasticache_complete(service, "orders", false, deadline_mono_ms, &expires_at_ms, &err));
    assert_int_equal(err.code, ERROR_LOST_ANSWER);
    assert_int_equal(responder_requests(server), 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_group_is_described),
        cmocka_unit_test(completing_tells_until_when_a_copy_could_be_accepted),
        cmocka_unit_test(what_acts_is_sent_once_even_over_a_connection_that_breaks),
    };
    return cmocka_run_group_tests(tests, set_environment, NULL);
}
