/* Names and secrets to placeholders: schemas/trace. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "schemas/base/memory.h"
#include "schemas/trace/aliases.h"
#include "schemas/trace/command.h"
#include "schemas/trace/scrub.h"

struct row {
    enum alias_kind kind;
    const char *original, *placeholder;
};

static void check_rows(struct aliases *aliases, const struct row *rows, size_t count) {
    for (size_t i = 0; i < count; i++) {
        AUTO(text_clear) struct text out = { 0 };
        aliases_add(aliases, rows[i].kind, rows[i].original, strlen(rows[i].original), &out);
        assert_string_equal(text_string(&out), rows[i].placeholder);
    }
}

/* Each value keeps the form that a parser needs, and the same one is the same everywhere. */
static void values_by_kind(void **state) {
    (void)state;
    static const struct row rows[] = {
        { ALIAS_GROUP, "orders-prod", "group-1" },
        { ALIAS_MIGRATION, "Orders-Prod", "group-1" },
        { ALIAS_CLUSTER, "orders-prod-001", "group-1-001" },
        { ALIAS_CLUSTER, "orders-prod-0001-002", "group-1-0001-002" },
        { ALIAS_CLUSTER, "stock-002", "group-2-002" },
        { ALIAS_HOST, "172.31.4.9", "10.0.0.1" },
        { ALIAS_HOST, "172.31.4.9:6379", "10.0.0.1:6379" },
        { ALIAS_HOST, "172.31.4.9:6379@16379", "10.0.0.1:6379@16379" },
        { ALIAS_HOST, "0.0.0.0", "0.0.0.0" },
        { ALIAS_HOST, "2001:db8::7", "fd00::1" },
        { ALIAS_HOST, "[2001:db8::7]:6379", "[fd00::1]:6379" },
        { ALIAS_HOST, "redis-7.corp.example:6380", "host-1:6380" },
        { ALIAS_HOST, "master.orders-prod.x7k2qp.use1.cache.amazonaws.com:6379",
          "master.group-1.a00001.use1.cache.amazonaws.com:6379" },
        { ALIAS_HOST, "orders-prod-001.orders-prod.x7k2qp.use1.cache.amazonaws.com",
          "group-1-001.group-1.a00001.use1.cache.amazonaws.com" },
        { ALIAS_HOST, "orders-prod-0001-001.x7k2qp.0001.euc1.cache.amazonaws.com",
          "group-1-0001-001.a00001.0001.euc1.cache.amazonaws.com" },
        { ALIAS_HOST, "elasticache.eu-west-1.amazonaws.com",
          "elasticache.eu-west-1.amazonaws.com" },
        { ALIAS_ACCOUNT, "112233445566", "000000000001" },
        { ALIAS_ARN, "arn:aws:elasticache:eu-west-1:112233445566:replicationgroup:orders-prod",
          "arn:aws:elasticache:eu-west-1:000000000001:replicationgroup:group-1" },
        { ALIAS_ARN, "arn:aws:sts::112233445566:assumed-role/Deploy/ann@example.org",
          "arn:aws:sts::000000000001:assumed-role/name-1/name-2" },
        { ALIAS_ARN, "arn:aws:iam::112233445566:root", "arn:aws:iam::000000000001:root" },
        { ALIAS_RESOURCE, "sg-0a1b2c3d4e5f67890", "sg-00000000000000001" },
        { ALIAS_PARAMETERS, "default.redis7", "default.redis7" },
        { ALIAS_PARAMETERS, "default.redis6.x.cluster.on", "default.redis6.x.cluster.on" },
        { ALIAS_PARAMETERS, "orders-prod-ecmig", "parameters-1" },
        { ALIAS_PARAMETERS, "default.shop", "parameters-2" },
        { ALIAS_USER, "default", "default" },
        { ALIAS_USER, "ann", "user-1" },
        { ALIAS_SECRET, "s3cret", "***" },
        { ALIAS_KEEP, "available", "available" },
        { ALIAS_KEEP, "10.9.8.7", "10.0.0.2" },
        { ALIAS_TAG_KEY, "ecmig:run", "ecmig:run" },
        { ALIAS_TAG_KEY, "team", "tag-1" },
    };
    AUTO(aliases_free) struct aliases *aliases = aliases_new();
    check_rows(aliases, rows, COUNT(rows));
}

/* In a sentence what is no plain word, number or known term is a name. */
static void sentences(void **state) {
    (void)state;
    static const struct row rows[] = {
        { ALIAS_GROUP, "orders", "group-1" },
        { ALIAS_TEXT, "Replication group orders created", "Replication group group-1 created" },
        { ALIAS_TEXT, "Complete Migration successful for orders.",
          "Complete Migration successful for group-1." },
        { ALIAS_TEXT, "node orders-001: 12.5% of 3,000 keys",
          "node group-1-001: 12.5% of 3,000 keys" },
        { ALIAS_TEXT, "Failed to connect to 10.9.1.1:6379 (in-transit encryption)",
          "Failed to connect to 10.0.0.1:6379 (in-transit encryption)" },
        { ALIAS_TEXT, "User: arn:aws:iam::112233445566:user/ann is not authorized",
          "User: arn:aws:iam::000000000001:user/user-1 is not authorized" },
        { ALIAS_TEXT, "stock_7 and billing-eu", "word-1 and word-2" },
        { ALIAS_TEXT, "key 'session' differs at gate 'cutover' of 'StartMigration'",
          "key 'word-3' differs at gate 'cutover' of 'StartMigration'" },
        { ALIAS_TEXT, "type cache.t4g.micro", "type word-4" },
        { ALIAS_KEEP, "cache.t4g.micro", "cache.t4g.micro" },
        { ALIAS_TEXT, "token AKIAIOSFODNN7EXAMPLE is invalid", "token word-5 is invalid" },
    };
    AUTO(aliases_free) struct aliases *aliases = aliases_new();
    check_rows(aliases, rows, COUNT(rows));
}

static void check_answer(const char *xml, const char *wanted) {
    AUTO(aliases_free) struct aliases *aliases = aliases_new();
    AUTO(text_clear) struct text out = { 0 };
    bool is_xml = scrub_answer(aliases, xml, strlen(xml), &out);
    assert_int_equal(is_xml, wanted != NULL);
    assert_string_equal(text_string(&out), wanted ? wanted : "");
}

static void answers(void **state) {
    (void)state;
    check_answer(
        "<?xml version=\"1.0\"?>\n<R xmlns=\"u\"><Event><Message>group stock failed &amp; left"
        "</Message><SourceIdentifier>stock</SourceIdentifier></Event></R>",
        "<R><Event><Message>group group-1 failed &amp; left</Message>"
        "<SourceIdentifier>group-1</SourceIdentifier></Event></R>");
    check_answer(
        "<R><Tag><Key>team</Key><Value>shop</Value></Tag><Unheard>shop-1</Unheard></R>",
        "<R><Tag><Key>tag-1</Key><Value>value-1</Value></Tag><Unheard>word-1</Unheard></R>");
    check_answer("<R><UserGroupIds><member>ops</member></UserGroupIds></R>",
                 "<R><UserGroupIds><member>users-1</member></UserGroupIds></R>");
    check_answer("<R><![CDATA[secret]]></R>", NULL);
    check_answer("<R><A></R></A>", NULL);
    check_answer("{\"message\": \"secret\"}", NULL);
    check_answer("<R><A>secret", NULL);
    check_answer("", NULL);
}

static void requests(void **state) {
    (void)state;
    static const char body[] =
        "Action=CreateReplicationGroup&ReplicationGroupId=orders&AuthToken=s%2Fecret&"
        "Tags.Tag.1.Key=team&Tags.Tag.1.Value=a%26b&SecurityGroupIds.SecurityGroupId.1=sg-0a1b2c3d&"
        "CustomerNodeEndpointList.member.1.Address=10.4.4.4&Unheard=x-y";
    AUTO(aliases_free) struct aliases *aliases = aliases_new();
    AUTO(json_free) struct json *members = scrub_request(aliases, body, strlen(body));
    AUTO(string_free) char *shown = json_write(members, JSON_CANONICAL);
    assert_string_equal(
        shown,
        "{\"Action\":\"CreateReplicationGroup\",\"AuthToken\":\"***\","
        "\"CustomerNodeEndpointList.member.1.Address\":\"10.0.0.1\","
        "\"ReplicationGroupId\":\"group-1\","
        "\"SecurityGroupIds.SecurityGroupId.1\":\"sg-00000001\",\"Tags.Tag.1.Key\":\"tag-1\","
        "\"Tags.Tag.1.Value\":\"value-1\",\"Unheard\":\"word-1\"}");
}

typedef void scrub(struct aliases *aliases, const char *bytes, size_t length, struct text *out);

static void check_reply(scrub *function, const char *reply, const char *wanted) {
    AUTO(aliases_free) struct aliases *aliases = aliases_new();
    AUTO(text_clear) struct text out = { 0 };
    function(aliases, reply, strlen(reply), &out);
    assert_string_equal(text_string(&out), wanted);
}

static void replies(void **state) {
    (void)state;
    check_reply(scrub_info,
                "# Server\r\nredis_version:7.0.15\r\nconfig_file:/etc/shop.conf\r\n"
                "role:slave\r\nmaster_host:db.corp.example\r\nmaster_port:6379\r\n"
                "slave0:ip=10.8.0.4,port=6379,state=online,offset=12,lag=0\r\n"
                "db0:keys=3,expires=0,avg_ttl=0\r\n",
                "# Server\r\nredis_version:7.0.15\r\nconfig_file:name-1\r\n"
                "role:slave\r\nmaster_host:host-1\r\nmaster_port:6379\r\n"
                "slave0:ip=10.0.0.1,port=6379,state=online,offset=12,lag=0\r\n"
                "db0:keys=3,expires=0,avg_ttl=0\r\n");
    check_reply(
        scrub_clients,
        "id=3 addr=10.8.0.9:41 name=checkout-7 user=ann flags=N cmd=client|list lib-name=x(shop)\n"
        "id=4 addr=10.8.0.9:42 name=ecmig user=default flags=N cmd=info\n"
        "id=5 addr=10.8.0.3:43 name=sentinel-a1b2-cmd flags=N\n",
        "id=3 addr=10.0.0.1:41 name=client-1 user=user-1 flags=N cmd=client|list lib-name=name-1\n"
        "id=4 addr=10.0.0.1:42 name=ecmig user=default flags=N cmd=info\n"
        "id=5 addr=10.0.0.2:43 name=sentinel-client-2-cmd flags=N\n");
    check_reply(scrub_nodes,
                "07c37dfeb235213a872192d90877d0cd55635b91 10.8.0.4:6379@16379,db1.corp.example "
                "myself,master - 0 1426238317239 4 connected 0-5460 [93->-77]\n",
                "07c37dfeb235213a872192d90877d0cd55635b91 10.0.0.1:6379@16379,host-1 "
                "myself,master - 0 1426238317239 4 connected 0-5460 [93->-77]\n");
    check_reply(scrub_element, "master", "master");
    check_reply(scrub_element, "shop-1", "host-1");
    check_reply(scrub_refusal, "ERR unknown command 'FOO', with args beginning with: 'secret'",
                "ERR unknown command 'FOO'");
}

static void settings(void **state) {
    (void)state;
    static const struct {
        const char *name, *value, *wanted;
    } rows[] = {
        { "requirepass", "12345678", "***" },
        { "masterauth", "", "" },
        { "tls-key-file-pass", "x", "***" },
        { "maxmemory", "1073741824", "1073741824" },
        { "save", "3600 1 300 100", "3600 1 300 100" },
        { "bind", "10.8.0.4 -::1", "10.0.0.1 -fd00::1" },
        { "dir", "/srv/shop", "name-1" },
        { "client-output-buffer-limit", "normal 0 0 0", "normal 0 0 0" },
    };
    AUTO(aliases_free) struct aliases *aliases = aliases_new();
    for (size_t i = 0; i < COUNT(rows); i++) {
        AUTO(text_clear) struct text out = { 0 };
        scrub_setting(aliases, rows[i].name, rows[i].value, strlen(rows[i].value), &out);
        assert_string_equal(text_string(&out), rows[i].wanted);
    }
}

/* Of a command nothing of the data is kept. */
static void commands(void **state) {
    (void)state;
    static const struct {
        const char *words[6], *wanted;
        enum reply_form form;
    } rows[] = {
        { { "AUTH", "ann", "secret" }, "AUTH", REPLY_HIDDEN },
        { { "SET", "key", "value" }, "SET", REPLY_HIDDEN },
        { { "CONFIG", "SET", "masterauth", "secret" }, "CONFIG SET masterauth", REPLY_HIDDEN },
        { { "CONFIG", "GET", "min-*" }, "CONFIG GET min-*", REPLY_SETTINGS },
        { { "INFO", "replication" }, "INFO replication", REPLY_INFO },
        { { "CLIENT", "LIST", "TYPE", "slave" }, "CLIENT LIST TYPE slave", REPLY_CLIENTS },
        { { "SENTINEL", "MASTER", "shop" }, "SENTINEL MASTER host-1", REPLY_ELEMENTS },
        { { "CLIENT", "SETNAME", "shop" }, "CLIENT SETNAME", REPLY_HIDDEN },
        { { "INFORMATION" }, "INFORMATION", REPLY_HIDDEN },
        { { "X Y\r\nsecret" }, "?", REPLY_HIDDEN },
    };
    AUTO(aliases_free) struct aliases *aliases = aliases_new();
    for (size_t i = 0; i < COUNT(rows); i++) {
        AUTO(text_clear) struct text out = { 0 };
        size_t count = 0;
        while (count < COUNT(rows[i].words) && rows[i].words[count])
            count++;
        trace_add_command(aliases, count, rows[i].words, NULL, &out);
        assert_string_equal(text_string(&out), rows[i].wanted);
        assert_int_equal(trace_reply_form(text_string(&out)), rows[i].form);
    }
}

/* More names than are kept apart: still replaced. */
static void many_names(void **state) {
    (void)state;
    AUTO(aliases_free) struct aliases *aliases = aliases_new();
    for (size_t i = 0; i < ALIASES_CEILING_COUNT + 10; i++) {
        AUTO(string_free) char *name = xasprintf("shop-%zux", i);
        aliases_learn(aliases, ALIAS_CLIENT, name);
    }
    AUTO(text_clear) struct text out = { 0 };
    aliases_add(aliases, ALIAS_TEXT, "the shop-20009x", 15, &out);
    assert_string_equal(text_string(&out), "the name-0");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_by_kind), cmocka_unit_test(sentences),  cmocka_unit_test(answers),
        cmocka_unit_test(requests),       cmocka_unit_test(replies),    cmocka_unit_test(settings),
        cmocka_unit_test(commands),       cmocka_unit_test(many_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
