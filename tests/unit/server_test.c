#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "providers/redis/clients.h"
#include "providers/redis/server.h"
#include "schemas/base/memory.h"

#define RUN "1111111111111111111111111111111111111111"
#define REPLID "2222222222222222222222222222222222222222"

static void a_primary_says_where_it_stands(void **state) {
    (void)state;
    static const char text[] =
        "# Server\r\nredis_version:6.2.16\r\nrun_id:" RUN "\r\ntcp_port:6379\r\n"
        "config_file:\r\n# Memory\r\nused_memory:1000\r\nmaxmemory:4000\r\n"
        "# Replication\r\nrole:master\r\nmaster_replid:" REPLID "\r\n"
        "master_repl_offset:77\r\nrepl_backlog_active:1\r\nrepl_backlog_size:1048576\r\n"
        "slave0:ip=10.0.0.5,port=6379,state=online,offset=1,lag=0\r\n"
        "slave1:ip=fd00::6,port=6380,state=wait_bgsave,offset=0,lag=0\r\n"
        "slave2:ip=10.0.0.7,port=0,state=online,offset=0,lag=3\r\n"
        "# Commandstats\r\ncmdstat_del:calls=7,usec=1\r\n"
        "# Keyspace\r\ndb0:keys=3,expires=1,avg_ttl=0,subexpiry=2\r\ndb9:keys=1\r\n"
        "dbx:keys=1,expires=0\r\n";
    AUTO(server_info_clear) struct server_info server = { 0 };
    server_info_parse(text, strlen(text), &server);
    assert_true(server.is_primary && !server.is_replica && server_is_run(&server, RUN));
    assert_int_equal(server.version, 602);
    assert_string_equal(server.config_file, "");
    assert_string_equal(server.replid, REPLID);
    assert_int_equal(server.offset, 77);
    assert_int_equal(server.backlog_held_bytes, 1048576);
    assert_int_equal(server.used_bytes, 1000);
    assert_int_equal(server.maxmemory_bytes, 4000);
    assert_int_equal(server_calls(&server, "del"), 7);
    assert_int_equal(server_calls(&server, "unlink"), 0);
    assert_int_equal(server.replicas.count, 2);
    assert_string_equal(server.replicas.items[0], "10.0.0.5:6379");
    assert_string_equal(server.replicas.items[1], "[fd00::6]:6380");
    assert_int_equal(server.databases.count, 2);
    assert_int_equal(server.databases.items[0].expires, 1);
    assert_int_equal(server.databases.items[0].expiring_fields, 2);
    assert_int_equal(server.databases.items[1].index, 9);
    assert_int_equal(server.databases.items[1].expires, -1);
}

static void a_replica_says_whom_it_follows(void **state) {
    (void)state;
    static const char text[] = "redis_version:5.0.14\r\nrole:slave\r\nmaster_host:10.0.0.5\r\n"
                               "master_port:6379\r\nmaster_link_status:up\r\n"
                               "master_last_io_seconds_ago:2\r\nmaster_sync_in_progress:1\r\n"
                               "master_sync_left_bytes:900\r\nslave_repl_offset:12\r\n"
                               "slave_read_only:0\r\n";
    AUTO(server_info_clear) struct server_info server = { 0 };
    server_info_parse(text, strlen(text), &server);
    assert_true(server.is_replica && server.link_up && server.syncing && server.writable);
    assert_string_equal(server.follows, "10.0.0.5:6379");
    assert_int_equal(server.applied_offset, 12);
    assert_int_equal(server.link_silent_s, 2);
    assert_int_equal(server.sync_read_bytes, 0);
    assert_int_equal(server.copied_bytes, -900); /* grows while it comes */
}

static void what_is_not_said_is_told_apart_from_zero(void **state) {
    (void)state;
    const struct redis_reply refused = { .type = REDIS_FAULT, .bytes = (char[]){ "NOPERM" } };
    AUTO(server_info_clear) struct server_info server = { 0 };
    server_info_read(&refused, &server);
    assert_null(server.role);
    assert_null(server.run_id);
    assert_null(server.config_file);
    assert_false(server.is_primary || server.is_replica || server.link_up);
    assert_int_equal(server.offset, -1);
    assert_int_equal(server.full_syncs, -1);
    assert_int_equal(server.changes, -1);
    assert_int_equal(server.unexpected_errors, -1);
    assert_false(server_is_run(&server, NULL));
}

static void connections_are_told_apart(void **state) {
    (void)state;
    static const char text[] =
        "id=3 addr=10.0.0.9:5 laddr=10.0.0.5:6379 fd=8 name=ecmig:2 flags=N omem=5 cmd=ping\n"
        "id=4 addr=10.0.0.9:6 fd=9 name=api flags=N db=0 name=ecmig:9 id=77 omem=17\r\n"
        "id=5 addr=10.0.0.6:7 fd=7 name= flags=S omem=49200\n"
        "\n"
        "no line of any client\n"
        "id=6 addr=10.0.0.8:9 fd=7 name=sentinel-3f-cmd flags=N\n"
        "id=99999999999999999999 addr=10.0.0.8:9 name=x flags=N\n"
        "id=7 addr=10.0.0.8:9 name=x flags=O\n"
        "id=8 addr=[fd00::8]:9 name= db=3 sub=1 psub=0 ssub=2 multi=-1 flags=N cmd=config|set "
        "user=app redir=-1 resp=3 lib-name= lib-ver=";
    AUTO(clients_clear) struct clients clients = { 0 };
    clients_parse(text, strlen(text), &clients);
    static const bool ordinary[] = { false, true, false, false, false, false, true };
    assert_int_equal(clients.count, COUNT(ordinary));
    for (size_t i = 0; i < clients.count; i++)
        assert_int_equal(client_is_ordinary(&clients.items[i]), ordinary[i]);
    assert_string_equal(clients.items[0].arrived_at, "10.0.0.5:6379");
    assert_int_equal(clients.items[1].id, 4); /* the first of a name counts */
    assert_string_equal(clients.items[1].name, "api");
    assert_int_equal(clients.items[1].output_bytes, 17);
    assert_string_equal(clients.items[2].name, "");
    assert_int_equal(clients.items[2].output_bytes, 49200);
    const struct client *last = &clients.items[6];
    assert_string_equal(last->address, "[fd00::8]:9");
    assert_string_equal(last->user, "app");
    assert_string_equal(last->command, "config|set");
    assert_true(last->database == 3 && last->protocol == 3 && last->shard_channels == 2);
    assert_string_equal(clients.items[1].user, ""); /* before 6.0 */
    assert_int_equal(clients.items[4].id, 0);       /* beyond every number: nobody is ended by it */
}

static void a_setting_is_read_by_its_name(void **state) {
    (void)state;
    struct redis_reply words[] = { { .bytes = (char[]){ "Port" } },
                                   { .bytes = (char[]){ "6379" } },
                                   { .bytes = (char[]){ "tls-port" } } };
    struct redis_reply *elements[] = { &words[0], &words[1], &words[2] };
    const struct redis_reply reply = { .type = REDIS_ARRAY, .elements = elements, .count = 3 };
    assert_string_equal(server_setting(&reply, "port"), "6379");
    assert_null(server_setting(&reply, "tls-port")); /* it has no value */
    assert_null(server_setting(&reply, "6379"));
    assert_null(server_setting(NULL, "port"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_primary_says_where_it_stands),
        cmocka_unit_test(a_replica_says_whom_it_follows),
        cmocka_unit_test(what_is_not_said_is_told_apart_from_zero),
        cmocka_unit_test(connections_are_told_apart),
        cmocka_unit_test(a_setting_is_read_by_its_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
