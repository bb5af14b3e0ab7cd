/* The pure parts of the local endpoint: forms, signatures, state, engines. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "providers/elasticache/sigv4.h"
#include "providers/local/actions/action.h"
#include "providers/local/actions/security.h"
#include "providers/local/machine/network.h"
#include "providers/local/machine/node.h"
#include "providers/local/state/endpoint.h"
#include "providers/local/wire/form.h"
#include "providers/local/wire/markup.h"
#include "providers/local/wire/signature.h"
#include "schemas/base/memory.h"

#define NOW_MS 1795342500000 /* 2026-11-22T10:15:00Z */
#define NOW "20261122T101500Z"

static bool parse(const char *body, struct pairs *form) {
    return form_parse(body, strlen(body), form);
}

static void forms_are_decoded(void **state) {
    (void)state;
    AUTO(form_clear) struct pairs form = { 0 };
    assert_true(
        parse("Action=Do&Tags.Tag.1.Key=a+b&Tags.Tag.2.Key=%C3%A4%26%3d&&Empty=&Bare", &form));
    assert_string_equal(pairs_find(&form, "Action"), "Do");
    assert_string_equal(form_member(&form, "Tags.Tag", 1, "Key"), "a b");
    assert_string_equal(form_member(&form, "Tags.Tag", 2, "Key"), "\xc3\xa4&=");
    assert_null(form_member(&form, "Tags.Tag", 3, "Key"));
    assert_string_equal(pairs_find(&form, "Empty"), "");
    assert_string_equal(pairs_find(&form, "Bare"), "");
}

static void broken_forms_are_refused(void **state) {
    (void)state;
    static const char *const broken[] = { "a=%",   "a=%4",  "a=%zz",       "a=%00",
                                          "%00=a", "a=%ff", "a=%ed%a0%80", "a=x%c3" };
    AUTO(form_clear) struct pairs form = { 0 };
    for (size_t i = 0; i < COUNT(broken); i++)
        assert_false(parse(broken[i], &form));
    assert_int_equal(form.count, 0);
}

static void booleans_and_numbers_are_strict(void **state) {
    (void)state;
    AUTO(form_clear) struct pairs form = { 0 };
    bool present = false, yes = false;
    int64_t number = 7;
    assert_true(parse("yes=true&odd=1&n=12&m=12x&big=99999999999999999999", &form));
    assert_true(form_bool(&form, "yes", &present, &yes) && present && yes);
    assert_false(form_bool(&form, "odd", &present, &yes));
    assert_true(form_bool(&form, "absent", &present, &yes) && !present);
    assert_true(form_int(&form, "n", &present, &number) && number == 12);
    assert_false(form_int(&form, "m", &present, &number));
    assert_false(form_int(&form, "big", &present, &number));
}

/* A request signed by the client's own function, then changed by the test. */
struct exchange {
    struct sigv4_header signed_headers[2];
    struct pairs headers;
    const char *body, *time;
};

static void sign(struct exchange *exchange, const char *time) {
    AUTO(secret_free) struct secret *key = secret_new("key", 3);
    exchange->body = "Action=Do";
    exchange->time = time;
    exchange->signed_headers[0] = (struct sigv4_header){ "Host", "127.0.0.1:1" };
    exchange->signed_headers[1] = (struct sigv4_header){ "X-Amz-Date", time };
    struct sigv4_request request = {
        "POST", "/", "", exchange->signed_headers, 2, exchange->body, 9
    };
    struct sigv4_scope scope = { time, "eu-west-1", "elasticache" };
    AUTO(string_free) char *authorization = sigv4_authorization(&request, &scope, "ID", key);
    pairs_set(&exchange->headers, "Host", "127.0.0.1:1");
    pairs_set(&exchange->headers, "X-Amz-Date", time);
    pairs_set(&exchange->headers, "authorization", authorization);
}

static bool check(const struct exchange *exchange, const char *id, struct refusal *refusal) {
    AUTO(secret_free) struct secret *key = secret_new("key", 3);
    AUTO(signer_clear) struct signer signer = { 0 };
    struct signed_request request = { "POST", "/", "", &exchange->headers, exchange->body, 9 };
    bool passed = signature_check(&request, id, key, NOW_MS, &signer, refusal);
    if (passed) {
        assert_string_equal(signer.region, "eu-west-1");
        assert_string_equal(signer.service, "elasticache");
    }
    return passed;
}

static void a_signed_request_passes(void **state) {
    (void)state;
    struct exchange exchange = { 0 };
    AUTO(refusal_clear) struct refusal refusal = { 0 };
    sign(&exchange, NOW);
    assert_true(check(&exchange, "ID", &refusal));
    form_clear(&exchange.headers);
}

static void refuses_with(struct exchange *exchange, const char *id, const char *code) {
    AUTO(refusal_clear) struct refusal refusal = { 0 };
    assert_false(check(exchange, id, &refusal));
    assert_string_equal(api_error_code(refusal.error), code);
    form_clear(&exchange->headers);
}

static void altered_and_foreign_requests_are_refused(void **state) {
    (void)state;
    struct exchange exchange = { 0 };
    sign(&exchange, NOW);
    exchange.body = "Action=No";
    refuses_with(&exchange, "ID", "SignatureDoesNotMatch");
    sign(&exchange, NOW);
    pairs_set(&exchange.headers, "Host", "elsewhere");
    refuses_with(&exchange, "ID", "SignatureDoesNotMatch");
    sign(&exchange, NOW);
    refuses_with(&exchange, "OTHER", "InvalidClientTokenId");
    sign(&exchange, NOW);
    pairs_remove(&exchange.headers, "authorization");
    refuses_with(&exchange, "ID", "MissingAuthenticationToken");
    static const char *const scopes[] = { "ID/x",
                                          "/20261122/eu-west-1/elasticache/aws4_request",
                                          "ID//eu-west-1/elasticache/aws4_request",
                                          "ID/20261122//elasticache/aws4_request",
                                          "ID/20261122/eu-west-1//aws4_request",
                                          "ID/20261122/eu-west-1/elasticache/",
                                          "////" };
    for (size_t i = 0; i < COUNT(scopes); i++) {
        sign(&exchange, NOW);
        AUTO(string_free)
        char *value =
            xasprintf(SIGV4_ALGORITHM " Credential=%s, SignedHeaders=host;x-amz-date, Signature=0",
                      scopes[i]);
        pairs_set(&exchange.headers, "authorization", value);
        refuses_with(&exchange, "ID", "IncompleteSignature");
    }
    sign(&exchange, NOW);
    pairs_set(&exchange.headers, "X-Amz-Date", "20261122T101501Z");
    refuses_with(&exchange, "ID", "SignatureDoesNotMatch");
}

static bool host_passes(const char *host, const char *second) {
    AUTO(form_clear) struct pairs headers = { 0 };
    AUTO(refusal_clear) struct refusal refusal = { 0 };
    const char *const hosts[] = { host, second };
    for (size_t i = 0; i < COUNT(hosts) && hosts[i]; i++) {
        struct pair *pair = LIST_ADD(&headers);
        *pair = (struct pair){ .name = xstrdup(i ? "host" : "Host"), .value = xstrdup(hosts[i]) };
    }
    bool passes = host_check(&headers, &refusal);
    if (!passes)
        assert_string_equal(api_error_code(refusal.error), "AccessDenied");
    return passes;
}

/* What a browser sends whose name for us was made to lead here is that name. */
static void only_this_machine_is_a_host(void **state) {
    (void)state;
    static const char *const good[] = { "127.0.0.1:8080", "127.0.0.1",  "127.77.1.9:1",
                                        "localhost:8080", "LocalHost",  "[::1]:65535",
                                        "[::1]",          "127.0.0.1:0" };
    static const char *const bad[] = { "",
                                       "evil.example",
                                       "evil.example:8080",
                                       "127.0.0.1.evil.example",
                                       "127.0.0.1.evil.example:80",
                                       "localhost.evil.example",
                                       "localhost@evil.example",
                                       "evil.example#localhost",
                                       "10.0.0.1:8080",
                                       "0.0.0.0:8080",
                                       "[::2]",
                                       "[::1",
                                       "[::1]x",
                                       "127.0.0.1:",
                                       "127.0.0.1:x",
                                       "127.0.0.1:80:80",
                                       "127.0.0.1:123456",
                                       "127.0.0.1 ",
                                       " localhost",
                                       "localhost." };
    for (size_t i = 0; i < COUNT(good); i++)
        assert_true(host_passes(good[i], NULL));
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_false(host_passes(bad[i], NULL));
    assert_false(host_passes(NULL, NULL));
    assert_false(host_passes("localhost", "evil.example"));
    assert_false(host_passes("localhost", "localhost"));
}

static void old_and_early_requests_are_expired(void **state) {
    (void)state;
    struct exchange exchange = { 0 };
    AUTO(refusal_clear) struct refusal refusal = { 0 };
    sign(&exchange, "20261122T095959Z");
    refuses_with(&exchange, "ID", "RequestExpired");
    sign(&exchange, "20261122T103001Z");
    refuses_with(&exchange, "ID", "RequestExpired");
    sign(&exchange, "20261122T100000Z");
    assert_true(check(&exchange, "ID", &refusal));
    form_clear(&exchange.headers);
}

static void a_signature_must_cover_host_and_time(void **state) {
    (void)state;
    struct exchange exchange = { 0 };
    AUTO(secret_free) struct secret *key = secret_new("key", 3);
    sign(&exchange, NOW);
    struct sigv4_request request = { "POST", "/", "", exchange.signed_headers, 1, "Action=Do", 9 };
    struct sigv4_scope scope = { NOW, "eu-west-1", "elasticache" };
    AUTO(string_free) char *authorization = sigv4_authorization(&request, &scope, "ID", key);
    pairs_set(&exchange.headers, "authorization", authorization);
    refuses_with(&exchange, "ID", "SignatureDoesNotMatch");
}

static void state_survives_a_round_trip(void **unused) {
    (void)unused;
    AUTO(state_clear) struct state state = { .network = 7, .node_port = 6379 };
    AUTO(state_clear) struct state again = { 0 };
    AUTO(error_clear) struct error err = { 0 };
    struct group *group = LIST_ADD(&state.groups);
    group->id = xstrdup("orders");
    group->region = xstrdup("eu-west-1");
    group->engine = xstrdup("redis");
    group->engine_version = xstrdup("7.0.15");
    group->node_type = xstrdup("cache.r7g.large");
    shards_add(&group->shards, NULL);
    group->parameter_group = xstrdup("default.redis7");
    group->phase = PHASE_MIGRATING;
    group->migration.host = xstrdup("10.0.0.1");
    pairs_set(&group->tags, "owner", "team \"a\"");
    state_event(&state, "replication-group", "orders", "event %d", 1);
    AUTO(string_free) char *text = state_text(&state);
    assert_true(state_parse(text, strlen(text), &again, &err));
    AUTO(string_free) char *text_again = state_text(&again);
    assert_string_equal(text, text_again);
    assert_int_equal(state_group(&again, "ORDERS")->phase, PHASE_MIGRATING);
    assert_string_equal(pairs_find(&state_group(&again, "orders")->tags, "owner"), "team \"a\"");
    state_remove_group(&again, state_group(&again, "orders"));
    assert_null(state_group(&again, "orders"));
}

/* As it was written before nodes had a second address and groups had users. */
static void an_older_state_is_read(void **unused) {
    (void)unused;
    static const char text[] =
        "{\"groups\": [{\"id\": \"orders\", \"region\": \"us-east-1\", \"engine\": \"redis\", "
        "\"engine_version\": \"7.0.15\", \"node_type\": \"cache.t4g.micro\", "
        "\"parameter_group\": \"default.redis7\", \"transit_encryption\": true, "
        "\"transit_mode\": \"preferred\", \"phase\": \"available\", \"nodes\": [{\"id\": "
        "\"orders-001\", \"subnet\": 2, \"host\": 1, \"engine_path\": \"redis-server\", "
        "\"engine_version\": \"7.0.15\"}]}], \"network\": 7}";
    AUTO(state_clear) struct state state = { 0 };
    AUTO(error_clear) struct error err = { 0 };
    assert_true(state_parse(text, strlen(text), &state, &err));
    const struct group *group = state_group(&state, "orders");
    assert_int_equal(group_transit(group), TRANSIT_PREFERRED);
    assert_false(access_is_on(&group->access) || group_is_durable(group));
    assert_ptr_equal(state_group_of(&state, &group->nodes.items[0]), group);
    char address[NODE_ADDRESS_BYTES];
    node_address(&state, &group->nodes.items[0], address);
    assert_string_equal(address, "127.7.2.1");
    node_place(&state, &group->nodes.items[0], true, address);
    assert_string_equal(address, "127.7.102.1");
}

static void only_the_newest_events_are_kept(void **unused) {
    (void)unused;
    AUTO(state_clear) struct state state = { 0 };
    for (int i = 0; i < STATE_EVENT_CEILING + 3; i++)
        state_event(&state, "replication-group", "orders", "event %d", i);
    assert_int_equal(state.events.count, STATE_EVENT_CEILING);
    assert_string_equal(state.events.items[0].message, "event 3");
}

static void engines_are_known_by_what_they_print(void **state) {
    (void)state;
    AUTO(string_free) char *name = NULL;
    AUTO(string_free) char *version = NULL;
    AUTO(string_free) char *family = engine_family("redis", "7.0.15");
    AUTO(string_free) char *older = engine_family("redis", "6.2.16");
    AUTO(string_free) char *oldest = engine_family("redis", "5.0.14");
    AUTO(string_free) char *valkey = engine_family("valkey", "8.1.1");
    assert_true(engine_parse("Redis server v=7.0.15 sha=0", &name, &version));
    assert_string_equal(name, "redis");
    assert_string_equal(version, "7.0.15");
    assert_false(engine_parse("bash, version 5", &name, &version));
    assert_string_equal(family, "redis7");
    assert_string_equal(older, "redis6.x");
    assert_string_equal(oldest, "redis5.0");
    assert_string_equal(valkey, "valkey8");
}

static void a_version_names_what_it_begins(void **state) {
    (void)state;
    struct engine items[] = { { (char[]){ "redis" }, (char[]){ "7.0.15" }, NULL } };
    struct engines engines = { items, 1 };
    assert_non_null(engines_pick(&engines, "redis", "7.0"));
    assert_non_null(engines_pick(&engines, "redis", "7.0.15"));
    assert_non_null(engines_pick(&engines, "redis", NULL));
    assert_null(engines_pick(&engines, "redis", "7.0.1"));
    assert_null(engines_pick(&engines, "redis", "7.1"));
    assert_null(engines_pick(&engines, "valkey", NULL));
}

static void text_is_escaped_in_answers(void **state) {
    (void)state;
    AUTO(text_clear) struct text page = { 0 };
    markup_string(&page, "M", "a<b>&\"\x01");
    markup_string(&page, "N", NULL);
    assert_string_equal(text_string(&page), "<M>a&lt;b&gt;&amp;&quot;?</M>");
}

static void networks_are_read(void **state) {
    (void)state;
    int64_t network = 0;
    assert_true(network_parse("127.7", &network) && network == 7);
    assert_false(network_parse("127.0", &network));
    assert_false(network_parse("127.255", &network));
    assert_false(network_parse("127.7.1", &network));
    assert_false(network_parse("10.7", &network));
}

static void every_action_of_the_client_is_offered(void **state) {
    (void)state;
    static const char *const asked[] = {
#define READS(id, name, service) name,
#define ACTS(id, name, service) name,
#include "providers/elasticache/actions/actions.def"
#undef READS
#undef ACTS
    };
    for (size_t i = 0; i < COUNT(asked); i++)
        if (!action_find(asked[i], "2015-02-02") && !action_find(asked[i], "2011-06-15") &&
            !action_find(asked[i], "2010-05-08"))
            fail_msg("%s is not offered", asked[i]);
    assert_null(action_find("GetCallerIdentity", "2015-02-02"));
}

/* A call on a group of Valkey 9 with cluster mode, encryption and several zones; "" when it is
 * accepted. */
static char *say(const char *durability, const char *body) {
    struct endpoint endpoint = { .dir = "/nowhere" };
    AUTO(form_clear) struct pairs form = { 0 };
    AUTO(text_clear) struct text out = { 0 };
    AUTO(refusal_clear) struct refusal refusal = { 0 };
    AUTO(security_wish_clear) struct security_wish wish = { 0 };
    struct request request = { &endpoint, &form, "us-east-1", &out, &refusal };
    struct group *group = LIST_ADD(&endpoint.state.groups);
    *group = (struct group){ .id = xstrdup("orders"),
                             .engine = xstrdup("valkey"),
                             .engine_version = xstrdup("9.0.1"),
                             .cluster = true,
                             .multi_az = true,
                             .transit_encryption = true,
                             .transit_mode = xstrdup("preferred"),
                             .durability = xstrdup(durability) };
    assert_true(parse(body, &form));
    bool done = security_of_change(&request, group, &wish);
    if (done)
        security_want(group, &wish);
    char *said = xstrdup(done ? group->wanted_durability : refusal.message);
    state_clear(&endpoint.state);
    return said;
}

static void durability_is_for_what_can_be_durable(void **state) {
    (void)state;
    static const char *const accepted[] = { "sync", "async", "disabled", "default" };
    for (size_t i = 0; i < COUNT(accepted); i++) {
        AUTO(string_free) char *body = xasprintf("Durability=%s", accepted[i]);
        AUTO(string_free) char *wanted = say(NULL, body);
        assert_string_equal(wanted, accepted[i]);
    }
    AUTO(string_free) char *unknown = say("sync", "Durability=ever");
    assert_string_equal(unknown, "Invalid durability: ever");
    AUTO(string_free) char *both = say("sync", "TransitEncryptionMode=required&Durability=async");
    assert_non_null(strstr(both, "ApplyImmediately"));
    AUTO(string_free)
    char *bare = say("sync", "TransitEncryptionEnabled=false&ApplyImmediately=true");
    assert_non_null(strstr(bare, "while durability is enabled"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forms_are_decoded),
        cmocka_unit_test(broken_forms_are_refused),
        cmocka_unit_test(booleans_and_numbers_are_strict),
        cmocka_unit_test(a_signed_request_passes),
        cmocka_unit_test(altered_and_foreign_requests_are_refused),
        cmocka_unit_test(only_this_machine_is_a_host),
        cmocka_unit_test(old_and_early_requests_are_expired),
        cmocka_unit_test(a_signature_must_cover_host_and_time),
        cmocka_unit_test(state_survives_a_round_trip),
        cmocka_unit_test(an_older_state_is_read),
        cmocka_unit_test(durability_is_for_what_can_be_durable),
        cmocka_unit_test(only_the_newest_events_are_kept),
        cmocka_unit_test(engines_are_known_by_what_they_print),
        cmocka_unit_test(a_version_names_what_it_begins),
        cmocka_unit_test(text_is_escaped_in_answers),
        cmocka_unit_test(networks_are_read),
        cmocka_unit_test(every_action_of_the_client_is_offered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
