/* Every parameter that is sent is one of the service's model, where the model is at hand. */
#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "providers/elasticache/actions/parameter_group.h"
#include "schemas/base/clock.h"
#include "schemas/base/files.h"
#include "schemas/base/memory.h"
#include "schemas/json/json.h"
#include "tests/support/aws.h"
#include "tests/support/responder.h"

#define MODELS TEST_SOURCE_FOLDER "/../../shared/data/aws-models/"

static struct json *load(const char *path) {
    AUTO(text_clear) struct text text = { 0 };
    AUTO(error_clear) struct error err = { 0 };
    struct json *model = NULL;
    if (!file_read(path, (size_t)16 << 20, &text, &err)) {
        (void)fprintf(stderr, "skipped: %s\n", err.message);
        return NULL;
    }
    if (!json_parse(text.bytes, text.length, path, &model, &err))
        fail_msg("%s", err.message);
    return model;
}

static const struct json *shape(const struct json *model, const char *name) {
    return json_find(json_find(model, "shapes"), name);
}

/* Walks "Tags.Tag.1.Key" through the shapes, from the input of the action. */
static bool has_parameter(const struct json *model, const struct json *input, char *name) {
    const struct json *at = input;
    char *rest = NULL;
    char *part = strtok_r(name, ".", &rest);
    while (part) {
        const char *kind = json_find_string(at, "type");
        if (strcmp(kind, "structure") == 0) {
            at = json_find(json_find(at, "members"), part);
        } else if (strcmp(kind, "list") == 0) {
            const struct json *member = json_find(at, "member");
            const char *wire = json_find_string(member, "locationName");
            char *number = strtok_r(NULL, ".", &rest);
            if (strcmp(part, wire ? wire : "member") != 0 || !number || !isdigit(*number))
                return false;
            at = member;
        } else {
            return false;
        }
        if (!at)
            return false;
        at = shape(model, json_find_string(at, "shape"));
        part = strtok_r(NULL, ".", &rest);
    }
    return strcmp(json_find_string(at, "type"), "structure") != 0;
}

static void check_body(const struct json *model, const char *given) {
    AUTO(string_free) char *body = xstrdup(given);
    char *rest = NULL;
    char *action = strtok_r(body, "&", &rest);
    const struct json *operation =
        json_find(json_find(model, "operations"), action + strlen("Action="));
    if (!operation)
        fail_msg("no %s in the model", action);
    const char *version = strtok_r(NULL, "&", &rest) + strlen("Version=");
    assert_string_equal(version, json_find_string(json_find(model, "metadata"), "apiVersion"));
    const struct json *input =
        shape(model, json_find_string(json_find(operation, "input"), "shape"));
    for (char *pair; (pair = strtok_r(NULL, "&", &rest));) {
        pair[strcspn(pair, "=")] = '\0';
        AUTO(string_free) char *shown = xstrdup(pair);
        if (!has_parameter(model, input, pair))
            fail_msg("'%s' is no parameter of %s", shown, action);
    }
}

/* Each verb once; the answer is a refusal, only what was sent counts. */
static void call_every_verb(struct elasticache *service) {
    AUTO(error_clear) struct error err = { 0 };
    AUTO(service_identity_clear) struct service_identity identity = { 0 };
    AUTO(replication_group_clear) struct replication_group group = { 0 };
    AUTO(cache_cluster_clear) struct cache_cluster cluster = { 0 };
    AUTO(pairs_clear) struct pairs pairs = { 0 };
    AUTO(strings_clear) struct strings versions = { 0 };
    AUTO(service_events_clear) struct service_events events = { 0 };
    char *groups[] = { (char *)"sg-1" };
    struct pair tag = { (char *)"a", (char *)"b" };
    struct pairs tags = { &tag, 1 };
    struct config_target target = { .replication_group = (char *)"g",
                                    .engine = (char *)"valkey",
                                    .engine_version = (char *)"8.2",
                                    .node_type = (char *)"cache.t4g.small",
                                    .subnet_group = (char *)"s",
                                    .security_groups = { groups, 1 },
                                    .shards = 2,
                                    .replicas_per_shard = 1 };
    struct config_target single = target;
    single.shards = 1;
    int64_t until = aws_soon(), expires_at_ms = 0;
    AUTO(serverless_cache_clear) struct serverless_cache cache = { 0 };
    AUTO(string_free) char *text = NULL;
    const struct new_parameter_group created = { "p", "valkey8", "d", &tags };
    bool answers[] = {
        elasticache_identity(service, until, &identity, &err),
        elasticache_describe(service, "g", until, &group, &err),
        elasticache_describe_cluster(service, "g-001", until, &cluster, &err),
        elasticache_parameters(service, "p", "cache.t4g.small", until, &pairs, &err),
        elasticache_tags(service, "arn", until, &pairs, &err),
        elasticache_versions(service, "valkey", until, &versions, &err),
        elasticache_serverless(service, "g", until, &cache, &err),
        elasticache_events(service, "g", clock_wall_ms(), until, &events, &err),
        elasticache_create(service, &target, NULL, &tags, until, &err),
        elasticache_create(service, &single, NULL, &tags, until, &err),
        elasticache_test(service, "g", "10.0.0.1", 6379, until, &err),
        elasticache_start(service, "g", "10.0.0.1", 6379, until, &err),
        elasticache_complete(service, "g", true, until, &expires_at_ms, &err),
        parameter_group_family(service, "valkey", "8.2", until, &text, &err),
        parameter_group_description(service, "p", until, &text, &err),
        parameter_group_create(service, &created, until, &err),
        parameter_group_modify(service, "p", &tags, until, &err),
    };
    for (size_t i = 0; i < COUNT(answers); i++)
        assert_false(answers[i]);
}

static void every_parameter_is_in_the_services_model(void **state) {
    (void)state;
    AUTO(json_free) struct json *cache = load(MODELS "elasticache/2015-02-02/service-2.json");
    AUTO(json_free) struct json *sts = load(MODELS "sts/2011-06-15/service-2.json");
    if (!cache || !sts)
        skip();
    static const struct response script[] = { { .status = 400,
                                                .body = AWS_REFUSAL("InvalidAction", "no") } };
    AUTO(responder_close) struct responder *server = responder_open(script, COUNT(script));
    setenv("AWS_ENDPOINT_URL", responder_url(server), 1);
    AUTO(elasticache_close) struct elasticache *service = aws_open(NULL);
    call_every_verb(service);
    assert_int_equal(responder_requests(server), 17);
    for (size_t i = 0; i < responder_requests(server); i++)
        check_body(i == 0 ? sts : cache, responder_body(server, i));
}

/* What was added since the shared models were taken, in which StartMigration requires less. */
static void serverless_migrations_are_in_todays_model(void **state) {
    (void)state;
    AUTO(json_free)
    struct json *today = load(TEST_SOURCE_FOLDER "/conformance/serverless_api.json");
    AUTO(error_clear) struct error err = { 0 };
    static const struct response script[] = { { .status = 400,
                                                .body = AWS_REFUSAL("InvalidAction", "no") } };
    AUTO(responder_close) struct responder *server = responder_open(script, COUNT(script));
    AUTO(elasticache_close) struct elasticache *service = aws_open(responder_url(server));
    const struct serverless_source source = { "10.0.0.1", 6379, "arn:s", "verify-ca", "PEM" };
    const struct serverless_start start = { true, true };
    assert_false(elasticache_prepare(service, "c", &source, aws_soon(), &err));
    assert_false(elasticache_stop(service, "c", aws_soon(), &err));
    assert_false(elasticache_start_serverless(service, "c", &start, aws_soon(), &err));
    assert_false(elasticache_start(service, "g", "10.0.0.1", 6379, aws_soon(), &err));
    for (size_t i = 0; i < 4; i++)
        check_body(today, responder_body(server, i));
}

static void slots_of_shards_are_in_the_services_model(void **state) {
    (void)state;
    AUTO(json_free) struct json *cache = load(MODELS "elasticache/2015-02-02/service-2.json");
    AUTO(error_clear) struct error err = { 0 };
    if (!cache)
        skip();
    static const struct response script[] = {
        { .body = AWS_ANSWER("DescribeCacheEngineVersions",
                             "<CacheEngineVersions><CacheEngineVersion><CacheParameterGroupFamily>"
                             "redis7</CacheParameterGroupFamily></CacheEngineVersion>"
                             "</CacheEngineVersions>") },
        { .status = 400, .body = AWS_REFUSAL("InvalidAction", "no") },
    };
    AUTO(responder_close) struct responder *server = responder_open(script, COUNT(script));
    setenv("AWS_ENDPOINT_URL", responder_url(server), 1);
    AUTO(elasticache_close) struct elasticache *service = aws_open(NULL);
    char *ranges[] = { (char *)"0-8191", (char *)"8192-16383" };
    struct strings slots = { ranges, COUNT(ranges) };
    struct config_target target = { .replication_group = (char *)"g",
                                    .engine = (char *)"redis",
                                    .node_type = (char *)"cache.t4g.small",
                                    .shards = 2,
                                    .replicas_per_shard = 1 };
    assert_false(elasticache_create(service, &target, &slots, NULL, aws_soon(), &err));
    assert_int_equal(responder_requests(server), 2);
    check_body(cache, responder_body(server, 1));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_parameter_is_in_the_services_model),
        cmocka_unit_test(serverless_migrations_are_in_todays_model),
        cmocka_unit_test(slots_of_shards_are_in_the_services_model),
    };
    return cmocka_run_group_tests(tests, aws_set_environment, NULL);
}
