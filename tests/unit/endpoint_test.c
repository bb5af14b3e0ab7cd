/* The endpoint is proven: what answers at the names that a played service gives, by real servers.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "executor/site/endpoint_proof.h"
#include "schemas/base/memory.h"
#include "tests/support/aws.h"
#include "tests/support/responder.h"
#include "tests/support/server.h"

#define ENDPOINT "<%s><Address>%s</Address><Port>%u</Port></%s>"

struct scene {
    struct server *primary, *replica, *other;
    struct config config;
    struct site site;
    const char *status; /* of the group; NULL: available */
    int waits_count;
};

static int set_up(void **state) {
    struct scene *scene = xcalloc(1, sizeof *scene);
    scene->primary = server_start(NULL);
    scene->replica = server_start(NULL);
    scene->other = server_start(NULL);
    server_follow(scene->replica, scene->primary);
    scene->config.source.timeout_ms = 2000;
    scene->config.target.replication_group = xstrdup("orders");
    scene->site.config = &scene->config;
    *state = scene;
    return 0;
}

static int tear_down(void **state) {
    struct scene *scene = *state;
    site_close(&scene->site);
    server_stop(scene->primary);
    server_stop(scene->replica);
    server_stop(scene->other);
    free(scene->config.target.replication_group);
    free(scene);
    return 0;
}

static void add_endpoint(struct text *out, const char *name, const struct server *server) {
    if (server)
        text_addf(out, ENDPOINT, name, server->host, server->port, name);
}

/* A group of these two nodes, whose endpoints lead anywhere. */
static char *described(const struct scene *scene, const struct server *primary,
                       const struct server *reader, const struct server *configuration) {
    AUTO(text_clear) struct text out = TEXT_PAGE;
    const struct server *const nodes[] = { scene->primary, scene->replica };
    text_add(&out, "<DescribeReplicationGroupsResponse><DescribeReplicationGroupsResult>"
                   "<ReplicationGroups><ReplicationGroup><ReplicationGroupId>orders"
                   "</ReplicationGroupId>");
    text_addf(&out, "<Status>%s</Status>", scene->status ? scene->status : "available");
    text_add(&out, "<NodeGroups><NodeGroup><NodeGroupId>0001</NodeGroupId>");
    add_endpoint(&out, "PrimaryEndpoint", primary);
    add_endpoint(&out, "ReaderEndpoint", reader);
    text_add(&out, "<NodeGroupMembers>");
    for (size_t i = 0; i < COUNT(nodes); i++) {
        text_addf(&out, "<NodeGroupMember><CacheClusterId>orders-00%zu</CacheClusterId>", i + 1);
        add_endpoint(&out, "ReadEndpoint", nodes[i]);
        text_add(&out, "</NodeGroupMember>");
    }
    text_add(&out, "</NodeGroupMembers></NodeGroup></NodeGroups>");
    add_endpoint(&out, "ConfigurationEndpoint", configuration);
    text_addf(&out,
              "<ClusterEnabled>%s</ClusterEnabled></ReplicationGroup></ReplicationGroups>"
              "</DescribeReplicationGroupsResult></DescribeReplicationGroupsResponse>",
              configuration ? "true" : "false");
    return text_take(&out);
}

static bool count_waits(void *context, const char *why, int64_t left_ms, struct error *err) {
    struct scene *scene = context;
    (void)why;
    (void)err;
    scene->waits_count++;
    return left_ms > 0;
}

static bool prove(struct scene *scene, const struct response *script, size_t count,
                  struct endpoint_proof *out, struct error *err) {
    AUTO(responder_close) struct responder *server = responder_open(script, count);
    AUTO(elasticache_close) struct elasticache *service = aws_open(responder_url(server));
    const struct endpoint_patience patience = { .for_ms = count > 1 ? 60000 : 0,
                                                .wait = count_waits,
                                                .context = scene };
    scene->site.service = service;
    bool proven = endpoint_prove(&scene->site, &patience, out, err);
    scene->site.service = NULL;
    return proven;
}

static void refuse(struct scene *scene, char *answer, const char *words) {
    AUTO(string_free) char *body = answer;
    AUTO(endpoint_proof_clear) struct endpoint_proof proof = { 0 };
    AUTO(error_clear) struct error err = { 0 };
    const struct response script[] = { { .body = body } };
    assert_false(prove(scene, script, 1, &proof, &err));
    assert_int_equal(err.code, ERROR_FAILED);
    if (!strstr(err.message, words))
        fail_msg("not '%s' but: %s", words, err.message);
    assert_null(proof.address);
    assert_null(scene->site.target_address);
}

static void the_group_s_own_primary_is_proven(void **state) {
    struct scene *scene = *state;
    AUTO(endpoint_proof_clear) struct endpoint_proof proof = { 0 };
    AUTO(error_clear) struct error err = { 0 };
    AUTO(string_free) char *body = described(scene, scene->primary, scene->replica, NULL);
    const struct response script[] = { { .body = body } };
    scene->site.target_address = xstrdup("old.example:6379");
    if (!prove(scene, script, 1, &proof, &err))
        fail_msg("%s", err.message);
    AUTO(string_free)
    char *address = redis_address_text(scene->primary->host, scene->primary->port);
    assert_string_equal(proof.address, address);
    assert_string_equal(proof.address_before, "old.example:6379");
    assert_string_equal(scene->site.target_address, address);
    assert_int_equal(proof.servers.count, 1);
    assert_true(proof.servers.items[0].by_run_id); /* there is no record of its history */
    assert_null(proof.reader_problem);
    assert_true(proof.proved_at_ms > 0);
}

static void nobody_else_is(void **state) {
    struct scene *scene = *state;
    struct server gone = { .host = "no.such.name.invalid", .port = 6379 };
    refuse(scene, described(scene, scene->replica, NULL, NULL), "a replica answers at");
    refuse(scene, described(scene, scene->other, NULL, NULL), "another server answers at");
    refuse(scene, described(scene, &gone, NULL, NULL), "cannot resolve 'no.such.name.invalid'");
    refuse(scene, described(scene, NULL, NULL, NULL), "has no primary endpoint");
    scene->status = "migrating";
    refuse(scene, described(scene, scene->primary, NULL, NULL), "group 'orders' is migrating");
    scene->status = NULL;
    server_tell(scene->primary, "CONFIG SET requirepass secret");
    refuse(scene, described(scene, scene->primary, NULL, NULL), "NOAUTH");
}

static void a_reader_that_is_away_is_told(void **state) {
    struct scene *scene = *state;
    AUTO(endpoint_proof_clear) struct endpoint_proof proof = { 0 };
    AUTO(error_clear) struct error err = { 0 };
    struct server gone = { .host = "no.such.name.invalid", .port = 6379 };
    AUTO(string_free) char *body = described(scene, scene->primary, &gone, NULL);
    const struct response script[] = { { .body = body } };
    assert_true(prove(scene, script, 1, &proof, &err));
    assert_non_null(strstr(proof.reader_problem, "cannot resolve"));
}

static void a_name_that_comes_late_is_waited_for(void **state) {
    struct scene *scene = *state;
    AUTO(endpoint_proof_clear) struct endpoint_proof proof = { 0 };
    AUTO(error_clear) struct error err = { 0 };
    struct server gone = { .host = "no.such.name.invalid", .port = 6379 };
    AUTO(string_free) char *early = described(scene, &gone, NULL, NULL);
    AUTO(string_free) char *late = described(scene, scene->primary, NULL, NULL);
    scene->status = "migrating"; /* by a name that works, for now */
    AUTO(string_free) char *first = described(scene, scene->primary, NULL, NULL);
    const struct response script[] = { { .body = first }, { .body = early }, { .body = late } };
    assert_true(prove(scene, script, COUNT(script), &proof, &err));
    assert_int_equal(scene->waits_count, 2);
}

static void a_cluster_is_proven_through_its_slots(void **state) {
    struct scene *scene = *state;
    const char *const mode[] = { "--cluster-enabled", "yes", NULL };
    server_stop(scene->primary);
    scene->primary = server_start(mode);
    AUTO(endpoint_proof_clear) struct endpoint_proof proof = { 0 };
    AUTO(error_clear) struct error err = { 0 };
    refuse(scene, described(scene, NULL, NULL, scene->other), "CLUSTER SLOTS of");
    refuse(scene, described(scene, NULL, NULL, scene->primary), "servers for 0 of 16384 slots");
    server_tell(scene->primary, "CLUSTER ADDSLOTSRANGE 0 16382");
    refuse(scene, described(scene, NULL, NULL, scene->primary), "servers for 16383 of 16384 slots");
    server_tell(scene->primary, "CLUSTER ADDSLOTS 16383");
    server_wait_for(scene->primary, "CLUSTER INFO", "cluster_state:ok", true);
    AUTO(string_free) char *body = described(scene, NULL, NULL, scene->primary);
    const struct response script[] = { { .body = body } };
    if (!prove(scene, script, 1, &proof, &err))
        fail_msg("%s", err.message);
    assert_int_equal(proof.servers.count, 1);
    assert_null(proof.reader);
    assert_true(scene->site.target_is_cluster);
}

#define SCENE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        SCENE(the_group_s_own_primary_is_proven),     SCENE(nobody_else_is),
        SCENE(a_reader_that_is_away_is_told),         SCENE(a_name_that_comes_late_is_waited_for),
        SCENE(a_cluster_is_proven_through_its_slots),
    };
    return cmocka_run_group_tests(tests, aws_set_environment, NULL);
}
