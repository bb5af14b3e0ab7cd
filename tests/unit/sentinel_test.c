#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "providers/redis/sentinel.h"
#include "schemas/base/memory.h"
#include "schemas/base/text.h"
#include "tests/support/decode.h"

/* Maps as lists, parted by "|", of words parted by single spaces; or a status, or a fault. */
static struct redis_reply *reply_of(const char *shorthand, bool one) {
    AUTO(error_clear) struct error err = { 0 };
    AUTO(text_clear) struct text text = { 0 }, map = { 0 };
    struct redis_reply *reply = NULL;
    size_t map_count = 0, word_count = 0;
    if (strchr("+-", *shorthand) && *shorthand) {
        text_addf(&text, "%s\r\n", shorthand);
    } else {
        AUTO(text_clear) struct text maps = { 0 };
        for (const char *at = shorthand; *at;) {
            size_t length = strcspn(at, " |");
            text_addf(&map, "$%zu\r\n%.*s\r\n", length, (int)length, at);
            word_count++;
            at += length;
            if (*at == '|' || !*at) {
                text_addf(&maps, "*%zu\r\n%s", word_count, text_string(&map));
                text_reset(&map);
                word_count = 0;
                map_count++;
            }
            at += *at != '\0';
        }
        if (one)
            text_add(&text, text_string(&maps));
        else
            text_addf(&text, "*%zu\r\n%s", map_count, text_string(&maps));
    }
    if (!redis_decode(text.bytes, text.length, &reply, &err) || !reply)
        fail_msg("no reply: %s", text_string(&text));
    return reply;
}

static bool read_view(const char *primary, const char *replicas, const char *others,
                      const char *quorum, struct sentinel_view *out, struct error *err) {
    AUTO(redis_reply_free) struct redis_reply *one = reply_of(primary, true);
    AUTO(redis_reply_free) struct redis_reply *two = reply_of(replicas, false);
    AUTO(redis_reply_free) struct redis_reply *three = reply_of(others, false);
    AUTO(redis_reply_free) struct redis_reply *four = reply_of(quorum, true);
    const struct sentinel_replies replies = { one, two, three, four };
    return sentinel_view_read(&replies, "orders", out, err);
}

#define PRIMARY "name orders ip 10.0.0.1 port 6379 flags master quorum 2"
#define REPLICAS                                                                                   \
    "name 10.0.0.3:6379 ip 10.0.0.3 port 6379 flags slave|name x ip 2001:db8::2 port 6379 flags "  \
    "slave|ip 10.0.0.4 port 6379 flags slave,s_down,disconnected|ip 10.0.0.5 flags slave"
#define OTHERS "ip 10.0.1.1 port 26379 flags sentinel|ip 10.0.1.2 port 26379 flags s_down,sentinel"
#define QUORUM "+OK 3 usable Sentinels. Quorum and failover authorization can be reached"

static void what_a_sentinel_says_is_read(void **state) {
    (void)state;
    AUTO(error_clear) struct error err = { 0 };
    AUTO(sentinel_view_clear) struct sentinel_view view = { 0 };
    assert_true(read_view(PRIMARY, REPLICAS, OTHERS, QUORUM, &view, &err));
    assert_string_equal(view.primary, "10.0.0.1:6379");
    assert_false(view.down || view.failing_over);
    assert_int_equal(view.quorum, 2);
    assert_null(view.no_quorum);
    assert_int_equal(view.replicas.count, 2);
    assert_string_equal(view.replicas.items[1], "[2001:db8::2]:6379");
    assert_int_equal(view.lost.count, 1);
    assert_string_equal(view.lost.items[0], "10.0.0.4:6379");
    assert_int_equal(view.others.count, 2);
}

static void what_is_not_well_is_said(void **state) {
    (void)state;
    AUTO(error_clear) struct error err = { 0 };
    AUTO(sentinel_view_clear) struct sentinel_view view = { 0 };
    assert_true(read_view("ip 10.0.0.1 port 6379 quorum 2 flags "
                          "s_down,o_down,master,failover_in_progress",
                          "", "", "-NOQUORUM 1 usable Sentinels. Not enough", &view, &err));
    assert_true(view.down);
    assert_true(view.failing_over);
    assert_non_null(strstr(view.no_quorum, "1 usable"));
}

static void expect_refusal(const char *primary, enum error_code code) {
    AUTO(error_clear) struct error err = { 0 };
    AUTO(sentinel_view_clear) struct sentinel_view view = { 0 };
    assert_false(read_view(primary, "", "", "+OK", &view, &err));
    assert_int_equal(err.code, code);
}

static void what_is_no_answer_is_refused(void **state) {
    (void)state;
    expect_refusal("-ERR No such master with that name", ERROR_NOT_FOUND);
    expect_refusal("-ERR unknown command 'SENTINEL', with args", ERROR_REFUSED);
    expect_refusal("+OK", ERROR_FORMAT);
    expect_refusal("ip a/b port 6379 flags master", ERROR_FORMAT);
    expect_refusal("ip 10.0.0.1 port 65536 flags master", ERROR_FORMAT);
}

static void several_make_a_topology_only_when_they_agree(void **state) {
    (void)state;
    AUTO(error_clear) struct error err = { 0 };
    AUTO(topology_clear) struct topology topology = { 0 };
    AUTO(strings_clear) struct strings target = { 0 };
    struct sentinel_view views[2] = { 0 };
    strings_add(&target, "10.0.0.9:6379");
    assert_true(read_view(PRIMARY, REPLICAS, OTHERS, QUORUM, &views[0], &err));
    assert_true(read_view(PRIMARY,
                          "ip 10.0.0.4 port 6379 flags slave|ip 10.0.0.9 port 6379 flags slave",
                          OTHERS, QUORUM, &views[1], &err));
    assert_true(topology_of_sentinels(views, 2, &target, &topology, &err));
    assert_string_equal(topology.items[0].primary, "10.0.0.1:6379");
    AUTO(string_free) char *replicas = strings_join(&topology.items[0].replicas, " ");
    assert_string_equal(replicas, "10.0.0.3:6379 10.0.0.4:6379 [2001:db8::2]:6379");
    views[1].failing_over = true;
    assert_false(topology_of_sentinels(views, 2, NULL, &topology, &err));
    assert_int_equal(err.code, ERROR_CONFLICT);
    views[1].failing_over = false;
    string_replace(&views[1].primary, "10.0.0.4:6379");
    error_clear(&err);
    assert_false(topology_of_sentinels(views, 2, NULL, &topology, &err));
    assert_non_null(strstr(err.message, "10.0.0.4:6379"));
    error_clear(&err);
    assert_false(topology_of_sentinels(views, 0, NULL, &topology, &err));
    sentinel_view_clear(&views[0]);
    sentinel_view_clear(&views[1]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_sentinel_says_is_read),
        cmocka_unit_test(what_is_not_well_is_said),
        cmocka_unit_test(what_is_no_answer_is_refused),
        cmocka_unit_test(several_make_a_topology_only_when_they_agree),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
