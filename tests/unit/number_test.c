/* Numbers from outside, at the ends of what fits: the sanitized build says where one overflows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "executor/cutover/audit.h"
#include "executor/site/replication.h"
#include "planner/planner.h"
#include "providers/observe/node.h"
#include "providers/observe/shards.h"
#include "schemas/base/clock.h"
#include "schemas/base/memory.h"
#include "schemas/base/number.h"
#include "schemas/base/units.h"
#include "schemas/observed/room.h"
#include "tests/support/sight.h"

static const char *const extremes[] = {
    "9223372036854775807",
    "-9223372036854775808",
    "9223372036854775808",
    "9007199254740992",
    "-9007199254740992",
    "18446744073709551615",
    "1e999",
    "-1e999",
    "nan",
    "-1",
    "0",
    "",
    "4611686018427387904",
    "2147483648",
    "65536",
};

static void results_stay_within_the_ceiling(void **state) {
    (void)state;
    static const int64_t ends[] = { INT64_MIN, INT64_MIN + 1,  -NUMBER_CEILING, -1, 0, 1,
                                    7,         NUMBER_CEILING, INT64_MAX };
    for (size_t i = 0; i < COUNT(ends); i++)
        for (size_t k = 0; k < COUNT(ends); k++) {
            assert_true(number_is_sane(number_sum(ends[i], ends[k])));
            assert_true(number_is_sane(number_difference(ends[i], ends[k])));
            assert_true(number_is_sane(number_product(ends[i], ends[k])));
        }
    assert_int_equal(number_sum(40, 2), 42);
    assert_int_equal(number_sum(INT64_MIN, INT64_MIN), -NUMBER_CEILING);
    assert_int_equal(number_difference(-5, INT64_MAX), -NUMBER_CEILING);
    assert_int_equal(number_product(INT64_MIN, -1), NUMBER_CEILING);
    assert_int_equal(number_product(3, -4), -12);
    assert_int_equal(number_of_double(0.0 / (double)ends[4]), 0);
    assert_int_equal(number_of_double(-1e300), -NUMBER_CEILING);
    assert_int_equal(number_of_double(2.9), 2);
}

static void a_number_is_read_whole_or_not_at_all(void **state) {
    (void)state;
    static const char *const wrong[] = { "",   " 1", "+1",  "1 ",  "1x",
                                         "0x", "-",  "nan", "1e3", "9007199254740993" };
    for (size_t i = 0; i < COUNT(wrong); i++)
        assert_int_equal(number_or(wrong[i], -7), -7);
    assert_int_equal(number_or(NULL, -7), -7);
    assert_int_equal(number_or("9007199254740992", 0), NUMBER_CEILING);
    assert_int_equal(number_or("-12", 0), -12);
}

static void documents_hold_no_number_beyond_it(void **state) {
    (void)state;
    AUTO(error_clear) struct error err = { 0 };
    AUTO(json_free) struct json *json = NULL;
    static const char document[] = "{\"offset\":9223372036854775807,\"small\":3}";
    assert_true(json_parse(document, strlen(document), "document", &json, &err));
    assert_int_equal(json_find_int(json, "offset", -1), -1);
    assert_int_equal(json_find_int(json, "small", -1), 3);
    struct replication read = { 0 };
    assert_false(shape_read(&replication_shape, json, &read, &err));
    assert_non_null(strstr(err.message, "2^53"));
}

/* A small document may ask for memory many times its size: it is counted before it is made. */
static void a_document_of_nothing_but_values_is_refused(void **state) {
    (void)state;
    AUTO(error_clear) struct error err = { 0 };
    AUTO(json_free) struct json *json = NULL;
    AUTO(text_clear) struct text document = { 0 };
    text_add(&document, "[\"[[[[,\\\",,,\",1");
    for (size_t i = 0; i < JSON_VALUE_CEILING_COUNT - 3; i++)
        text_add(&document, ",1");
    text_add(&document, "]");
    assert_true(json_parse(document.bytes, document.length, "document", &json, &err));
    document.bytes[document.length - 1] = ',';
    text_add(&document, "2]");
    json_free(TAKE(json));
    assert_false(json_parse(document.bytes, document.length, "document", &json, &err));
    assert_int_equal(err.code, ERROR_LIMIT);
}

static void what_is_shown_is_in_bounds(void **state) {
    (void)state;
    static const int64_t instants[] = { INT64_MIN, -1, 0, NUMBER_CEILING, INT64_MAX };
    for (size_t i = 0; i < COUNT(instants); i++) {
        char text[CLOCK_TEXT_BYTES];
        int64_t again;
        clock_format(instants[i], text);
        assert_int_equal(strlen(text), 24);
        assert_true(clock_parse(text, &again));
        clock_format_seconds(instants[i], text);
        assert_int_equal(strlen(text), 20);
        clock_format_compact(instants[i], text);
        assert_int_equal(strlen(text), 16);
        AUTO(string_free) char *count = units_count(instants[i]);
        assert_true(*count);
        AUTO(string_free) char *bytes = units_bytes(instants[i]);
        assert_true(*bytes);
        AUTO(string_free) char *duration = units_duration(instants[i]);
        assert_true(*duration);
    }
    AUTO(string_free) char *least = units_count(INT64_MIN);
    assert_string_equal(least, "-9,223,372,036,854,775,808");
}

/* Every field that is read anywhere, with one value. */
static void write_info(struct text *out, const char *value) {
    static const char *const names[] = { "used_memory",
                                         "used_memory_rss",
                                         "used_memory_dataset",
                                         "mem_not_counted_for_evict",
                                         "maxmemory",
                                         "total_system_memory",
                                         "repl_backlog_size",
                                         "repl_backlog_active",
                                         "mem_total_replication_buffers",
                                         "mem_clients_slaves",
                                         "master_repl_offset",
                                         "slave_repl_offset",
                                         "second_repl_offset",
                                         "repl_backlog_first_byte_offset",
                                         "master_sync_total_bytes",
                                         "master_sync_read_bytes",
                                         "master_sync_left_bytes",
                                         "loading_loaded_bytes",
                                         "sync_full",
                                         "sync_partial_ok",
                                         "number_of_libraries",
                                         "number_of_functions",
                                         "tcp_port",
                                         "latest_fork_usec",
                                         "connected_clients",
                                         "instantaneous_input_kbps",
                                         "master_port",
                                         "expired_keys",
                                         "evicted_keys",
                                         "expired_subkeys",
                                         "cluster_enabled",
                                         "loading",
                                         "rdb_last_save_time",
                                         "rdb_changes_since_last_save",
                                         "cluster_current_epoch",
                                         "unexpected_error_replies" };
    text_add(out, "# Server\r\nredis_version:7.0.15\r\nrole:master\r\nmaster_host:h\r\n");
    for (size_t i = 0; i < COUNT(names); i++)
        text_addf(out, "%s:%s\r\n", names[i], value);
    text_addf(out, "cmdstat_eval:calls=%s\r\ncmdstat_evalsha:calls=%s\r\n", value, value);
    text_addf(out, "slave0:ip=h,port=%s,offset=%s\r\n# Keyspace\r\n", value, value);
    for (int i = 0; i < 2000; i++)
        text_addf(out,
                  "db%d:keys=%s,expires=%s,avg_ttl=0,subexpiry=%s,keys_with_volatile_items=%s\r\n",
                  i, value, value, value, value);
    text_addf(out, "db%s:keys=1\r\n", value);
}

static void answer(struct observed_node *node, const char *info, size_t length) {
    struct observed_node seen = { .address = TAKE(node->address), .reachable = true };
    observed_node_clear(node);
    node_read_info(info, length, &seen);
    *node = seen;
}

static void plan_with(const char *info, size_t length, const char *value) {
    static const char *const names[] = { "repl-backlog-size",
                                         "client-output-buffer-limit",
                                         "repl-timeout",
                                         "maxmemory",
                                         "databases",
                                         "tls-port",
                                         "port",
                                         "min-replicas-to-write" };
    static const char *const parameters[] = { "maxclients", "databases" };
    for (int scene = 0; scene < 3; scene++) {
        AUTO(sight_clear) struct sight sight;
        AUTO(plan_clear) struct plan plan = { 0 };
        AUTO(error_clear) struct error err = { 0 };
        AUTO(text_clear) struct text page = { 0 };
        sight_init(&sight);
        if (scene == 1)
            sight_target_exists(&sight);
        if (scene == 2)
            sight_cluster(&sight, 3, 1);
        for (size_t i = 0; i < sight.observed.source.nodes.count; i++)
            answer(&sight.observed.source.nodes.items[i], info, length);
        for (size_t i = 0; i < COUNT(names); i++)
            sight_set(&sight, names[i], value);
        for (size_t i = 0; i < COUNT(parameters); i++)
            pairs_set(&sight.observed.target.parameters, parameters[i], value);
        assert_true(planner_plan(&sight.config, &sight.observed, PLAN_MIGRATE, &plan, &err));
        const struct render_options options = { 0 };
        render_format_find("text")->render(&plan, &options, &page);
        render_format_find("json")->render(&plan, &options, &page);
        assert_true(page.length > 0);
    }
}

static void servers_say_what_they_like(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(extremes); i++) {
        AUTO(text_clear) struct text text = { 0 };
        AUTO(server_info_clear) struct server_info server = { 0 };
        AUTO(replication_clear) struct replication replication = { 0 };
        AUTO(target_state_clear) struct target_state target = { 0 };
        AUTO(audit_counters_clear) struct audit_counters counters = { 0 };
        write_info(&text, extremes[i]);
        const struct redis_reply reply = { .bytes = text.bytes, .length = text.length };
        server_info_parse(text.bytes, text.length, &server);
        replication_read(&server, &replication);
        target_state_read(&reply, &target);
        audit_counters_read(&server, &counters);
        assert_true(number_is_sane(replication.offset) && number_is_sane(target.keys));
        assert_true(number_is_sane(counters.script_calls / 2));
        plan_with(text.bytes, text.length, extremes[i]);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(results_stay_within_the_ceiling),
        cmocka_unit_test(a_number_is_read_whole_or_not_at_all),
        cmocka_unit_test(documents_hold_no_number_beyond_it),
        cmocka_unit_test(a_document_of_nothing_but_values_is_refused),
        cmocka_unit_test(what_is_shown_is_in_bounds),
        cmocka_unit_test(servers_say_what_they_like),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
