/* What an observation of the target makes of a service that tells only a part. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "providers/observe/observe.h"
#include "schemas/base/clock.h"
#include "schemas/base/memory.h"
#include "tests/support/aws.h"
#include "tests/support/responder.h"

#define IDENTITY                                                                                   \
    AWS_ANSWER("GetCallerIdentity", "<Arn>arn:aws:iam::1:user/ann</Arn><UserId>u</UserId>"         \
                                    "<Account>1</Account>")
#define GROUP                                                                                      \
    AWS_ANSWER("DescribeReplicationGroups",                                                        \
               "<ReplicationGroups><ReplicationGroup><ReplicationGroupId>orders"                   \
               "</ReplicationGroupId><Status>available</Status><MemberClusters><ClusterId>"        \
               "orders-001</ClusterId><ClusterId>orders-002</ClusterId></MemberClusters>"          \
               "<ClusterEnabled>false</ClusterEnabled></ReplicationGroup></ReplicationGroups>")
#define GONE(name)                                                                                 \
    { .status = 404, .body = AWS_REFUSAL("CacheClusterNotFound", "Cache cluster " name " gone") }
#define UPDATES AWS_ANSWER("DescribeUpdateActions", "<UpdateActions/>")

static void look(const struct responder *server, struct observed *out) {
    AUTO(elasticache_close) struct elasticache *service = aws_open(responder_url(server));
    struct config config = { 0 };
    config.target.replication_group = (char *)"orders";
    observe_target(&config, service, NULL, NULL, aws_soon(), &out->target);
}

static void a_member_that_is_gone_is_said_as_such(void **state) {
    (void)state;
    static const struct response script[] = {
        { .body = IDENTITY },
        { .body = GROUP },
        GONE("orders-001"),
        { .body = AWS_ANSWER("DescribeCacheClusters",
                             "<CacheClusters><CacheCluster><CacheClusterId>orders-002"
                             "</CacheClusterId><CacheClusterStatus>available"
                             "</CacheClusterStatus><Engine>redis</Engine></CacheCluster>"
                             "</CacheClusters>") },
        { .body = UPDATES },
    };
    AUTO(responder_close) struct responder *server = responder_open(script, COUNT(script));
    AUTO(observed_clear) struct observed seen = { 0 };
    look(server, &seen);
    assert_true(seen.target.reachable);
    assert_string_equal(seen.target.engine, "redis");
    assert_non_null(
        strstr(pairs_find(&seen.target.unknown, "DescribeCacheClusters"), "CacheClusterNotFound"));
}

static void a_group_whose_members_are_all_gone_is_still_seen(void **state) {
    (void)state;
    static const struct response script[] = {
        { .body = IDENTITY },
        { .body = GROUP },
        GONE("orders-001"),
        GONE("orders-002"),
        { .status = 501, .body = AWS_REFUSAL("InternalFailure", "not yet implemented") },
    };
    AUTO(responder_close) struct responder *server = responder_open(script, COUNT(script));
    AUTO(observed_clear) struct observed seen = { 0 };
    look(server, &seen);
    assert_true(seen.target.reachable);
    assert_true(seen.target.exists);
    assert_null(seen.target.parameter_group);
    assert_string_equal(seen.target.updates_problem,
                        "the endpoint does not know DescribeUpdateActions: InternalFailure (HTTP "
                        "501): not yet implemented");
    assert_int_equal(responder_requests(server), 5);
}

static void a_refusal_is_not_silence(void **state) {
    (void)state;
    static const struct response script[] = {
        { .body = IDENTITY },
        { .status = 400, .body = AWS_REFUSAL("UnknownOperationException", "what?") },
    };
    AUTO(responder_close) struct responder *server = responder_open(script, COUNT(script));
    AUTO(observed_clear) struct observed seen = { 0 };
    look(server, &seen);
    assert_false(seen.target.reachable);
    assert_true(seen.target.refused);
    assert_non_null(strstr(seen.target.problem_remedy, "does not implement this action"));
    static const struct response silence[] = { { .kind = RESPOND_BY_CLOSING } };
    AUTO(responder_close) struct responder *mute = responder_open(silence, COUNT(silence));
    AUTO(observed_clear) struct observed nothing = { 0 };
    setenv("AWS_MAX_ATTEMPTS", "1", 1);
    look(mute, &nothing);
    unsetenv("AWS_MAX_ATTEMPTS");
    assert_false(nothing.target.refused);
    assert_string_equal(nothing.target.problem_code, "unreachable");
}

static void a_local_endpoint_is_known_without_keys(void **state) {
    (void)state;
    static const struct {
        const char *url;
        bool local;
    } rows[] = { { "http://127.65.0.1:4566", true },
                 { "http://localhost:1 ", true },
                 { "https://elasticache.us-east-1.amazonaws.com", false },
                 { "nonsense", false } };
    for (size_t i = 0; i < COUNT(rows); i++) {
        AUTO(observed_clear) struct observed seen = { 0 };
        AUTO(error_clear) struct error none = { 0 };
        struct config config = { 0 };
        config.target.endpoint_url = (char *)rows[i].url;
        error_set(&none, ERROR_CREDENTIALS, "no keys");
        observe_target(&config, NULL, &none, NULL, aws_soon(), &seen.target);
        assert_int_equal(seen.target.on_this_machine, rows[i].local);
        setenv("AWS_ENDPOINT_URL", rows[i].url, 1);
        config.target.endpoint_url = NULL;
        AUTO(observed_clear) struct observed again = { 0 };
        observe_target(&config, NULL, &none, NULL, aws_soon(), &again.target);
        unsetenv("AWS_ENDPOINT_URL");
        assert_int_equal(again.target.on_this_machine, rows[i].local);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_member_that_is_gone_is_said_as_such),
        cmocka_unit_test(a_group_whose_members_are_all_gone_is_still_seen),
        cmocka_unit_test(a_refusal_is_not_silence),
        cmocka_unit_test(a_local_endpoint_is_known_without_keys),
    };
    return cmocka_run_group_tests(tests, aws_set_environment, NULL);
}
