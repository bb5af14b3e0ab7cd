#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "providers/redis/cluster.h"
#include "schemas/base/memory.h"
#include "schemas/base/text.h"
#include "tests/support/decode.h"

#define A "07c37dfeb235213a872192d90877d0cd55635b91"
#define B "67ed2db8d677e59ec4a4cefb06858cf2a1a89fa1"
#define C "292f8b365bb7edb5e285caf0b7e6ddc7265d2f4f"
#define D "e7d1eecce10fd6bb5eb35b9f99a514335d9ba9ca"

static void read_view(const char *text, struct cluster_view *view) {
    AUTO(error_clear) struct error err = { 0 };
    if (!cluster_nodes_read(text, strlen(text), "10.0.0.9", view, &err))
        fail_msg("%s", err.message);
}

/* "slots primary replica replica\n" of each shard. */
static char *shown(const struct cluster_view *view) {
    AUTO(error_clear) struct error err = { 0 };
    AUTO(topology_clear) struct topology topology = { 0 };
    AUTO(text_clear) struct text text = { 0 };
    if (!topology_of_view(view, &topology, &err))
        return xstrdup(err.message);
    for (size_t i = 0; i < topology.count; i++) {
        const struct topology_shard *shard = &topology.items[i];
        AUTO(string_free) char *slots = slots_text(&shard->slots);
        AUTO(string_free) char *replicas = strings_join(&shard->replicas, " ");
        text_addf(&text, "%s %s%s%s\n", *slots ? slots : "none", shard->primary,
                  shard->replicas.count ? " " : "", replicas);
    }
    return text_take(&text);
}

static void expect_nodes(const char *text, const char *wanted) {
    AUTO(cluster_view_clear) struct cluster_view view = { 0 };
    read_view(text, &view);
    AUTO(string_free) char *seen = shown(&view);
    assert_string_equal(seen, wanted);
}

static void the_nodes_of_3_0_have_no_bus_port(void **state) {
    (void)state;
    expect_nodes(A " 10.0.0.4:7004 slave " B " 0 1426238317239 4 connected\n" B
                   " 10.0.0.2:7002 master - 0 1426238316232 2 connected 5461-10922\n" C
                   " 10.0.0.1:7001 myself,master - 0 0 1 connected 0-5460 10923-16383\n",
                 "0-5460,10923-16383 10.0.0.1:7001\n5461-10922 10.0.0.2:7002 10.0.0.4:7004\n");
}

static void the_nodes_of_4_0_to_6_2_have_one(void **state) {
    (void)state;
    expect_nodes(A " 10.0.0.4:7004@17004 myself,slave " B " 0 0 4 connected\n" B
                   " 10.0.0.2:7002@17002 master - 0 1426238316232 2 connected 0-16383\n",
                 "0-16383 10.0.0.2:7002 10.0.0.4:7004\n");
}

static void the_nodes_of_7_0_announce_names(void **state) {
    (void)state;
    AUTO(cluster_view_clear) struct cluster_view view = { 0 };
    read_view(A " 10.0.0.4:7004@17004,four.example slave " B " 0 0 4 connected\n" B
                " 10.0.0.2:7002@17002, master - 0 1 2 connected 0-16383\n",
              &view);
    assert_string_equal(cluster_view_find(&view, A)->host_name, "four.example");
    assert_null(cluster_view_find(&view, B)->host_name);
    assert_null(cluster_view_find(&view, C));
    AUTO(string_free) char *seen = shown(&view);
    assert_string_equal(seen, "0-16383 10.0.0.2:7002 10.0.0.4:7004\n");
}

static void what_7_2_and_valkey_add_is_left_alone(void **state) {
    (void)state;
    AUTO(cluster_view_clear) struct cluster_view view = { 0 };
    read_view(A " 10.0.0.2:7002@17002,,shard-id=69bc080733d1355567173199cff4a6a039a2f024,"
                "tls-port=7443 myself,master,nofailover,newflag - 0 1 2 connected 0-16383\n" B
                " ?:7003@17003,three.example,availability-zone=a slave " A " 0 0 4 connected\n",
              &view);
    assert_null(cluster_view_find(&view, A)->host_name);
    AUTO(string_free) char *seen = shown(&view);
    assert_string_equal(seen, "0-16383 10.0.0.2:7002 three.example:7003\n");
}

static void ipv6_is_written_in_brackets(void **state) {
    (void)state;
    expect_nodes(A " 2001:db8::4:7004@17004 slave " B " 0 0 4 connected\n" B
                   " 2001:db8::2:7002@17002 master - 0 1 2 connected 0-16383\n",
                 "0-16383 [2001:db8::2]:7002 [2001:db8::4]:7004\n");
}

static void a_member_that_does_not_know_its_address_is_where_it_was_asked(void **state) {
    (void)state;
    expect_nodes(A " :7001@17001 myself,master - 0 0 1 connected 0-16383\n",
                 "0-16383 10.0.0.9:7001\n");
}

static void strangers_and_the_lost_are_no_part_of_the_topology(void **state) {
    (void)state;
    AUTO(cluster_view_clear) struct cluster_view view = { 0 };
    read_view(A " 10.0.0.1:7001@17001 myself,master - 0 0 1 connected 0-16383\n" B
                " 10.0.0.2:7002@17002 handshake - 1 0 0 connected\n" C " :0@0 slave,noaddr " A
                " 1 2 3 disconnected\n" D " 10.0.0.4:7004@17004 slave,fail? " A
                " 1 2 3 disconnected\n",
              &view);
    assert_int_equal(cluster_view_find(&view, D)->flags, CLUSTER_REPLICA | CLUSTER_SUSPECTED);
    assert_null(cluster_view_find(&view, C)->address);
    AUTO(string_free) char *seen = shown(&view);
    assert_string_equal(seen, "0-16383 10.0.0.1:7001 10.0.0.4:7004\n");
}

static void slots_on_the_move_are_told_apart_from_those_served(void **state) {
    (void)state;
    AUTO(cluster_view_clear) struct cluster_view view = { 0 };
    read_view(A " 10.0.0.1:7001@17001 myself,master - 0 0 1 connected 0 2-5 [93->-" B "] [77-<-" B
                "]\n",
              &view);
    assert_int_equal(view.open_slots.count, 2);
    assert_int_equal(view.open_slots.items[0].slot, 93);
    assert_false(view.open_slots.items[0].importing);
    assert_int_equal(view.open_slots.items[1].slot, 77);
    assert_true(view.open_slots.items[1].importing);
    assert_int_equal(slots_count(&view.items[0].slots), 5);
}

static void members_without_slots_come_last(void **state) {
    (void)state;
    expect_nodes(A " 10.0.0.1:7001@17001 master - 0 0 1 connected\n" B
                   " 10.0.0.2:7002@17002 master - 0 0 1 connected 16383\n",
                 "16383 10.0.0.2:7002\nnone 10.0.0.1:7001\n");
    expect_nodes(A " 10.0.0.1:7001@17001 master - 0 0 1 connected\n",
                 "no member of the cluster serves slots");
}

static void what_is_not_of_the_form_is_refused(void **state) {
    (void)state;
    static const char *const bad[] = {
        "",
        "\n\n",
        "+OK",
        A " 10.0.0.1:7001@17001 master - 0 0 1",
        A " 10.0.0.1 master - 0 0 1 connected",
        A " 10.0.0.1:99999 master - 0 0 1 connected",
        A " a/b:7001 master - 0 0 1 connected",
        A " 10.0.0.1:7001 master xyz 0 0 1 connected",
        A " 10.0.0.1:7001 master - 0 0 1 connected 16384",
        A " 10.0.0.1:7001 master - 0 0 1 connected 5-4",
        A " 10.0.0.1:7001 master - 0 0 1 connected 5-",
        A " 10.0.0.1:7001 master - 0 0 1 connected [5",
        A " 10.0.0.1:7001 master - 0 0 1 connected [5->",
        "07c3 10.0.0.1:7001 master - 0 0 1 connected 5",
    };
    for (size_t i = 0; i < COUNT(bad); i++) {
        AUTO(error_clear) struct error err = { 0 };
        AUTO(cluster_view_clear) struct cluster_view view = { 0 };
        assert_false(cluster_nodes_read(bad[i], strlen(bad[i]), "h", &view, &err));
        assert_int_equal(err.code, ERROR_FORMAT);
    }
}

static uint64_t hash_of(const char *text) {
    AUTO(error_clear) struct error err = { 0 };
    uint64_t hash = 0;
    unsigned flags = 0;
    assert_true(cluster_nodes_hash(text, strlen(text), &hash, &flags, &err));
    return hash;
}

static void equal_views_are_known_by_their_hash(void **state) {
    (void)state;
    const char *one = A " 10.0.0.1:7001@17001 myself,master - 0 0 1 connected 0-9 [93->-" B "]\n" B
                        " 10.0.0.2:7002@17002 slave " A " 0 7 1 connected\n";
    const char *same = B " :7002@17002 myself,slave " A " 0 0 3 disconnected\n" C
                         " 10.0.0.7:7002@17002 handshake - 0 0 3 disconnected\n" A
                         " 10.0.0.1:7001@17001 master,fail? - 5 6 1 connected 0-9\n";
    assert_true(hash_of(one) == hash_of(same));
    assert_true(hash_of(one) != hash_of(A " 10.0.0.1:7001@17001 master - 0 0 1 connected 0-9\n"));
    assert_true(hash_of(one) !=
                hash_of(A " 10.0.0.1:7001@17001 myself,master - 0 0 1 connected 0-8\n" B
                          " 10.0.0.2:7002@17002 slave " A " 0 7 1 connected\n"));
    assert_true(hash_of(one) !=
                hash_of(B " 10.0.0.1:7001@17001 myself,master - 0 0 1 connected 0-9\n" A
                          " 10.0.0.2:7002@17002 slave " B " 0 7 1 connected\n"));
}

/* A list in short: numbers, words, nil as ~, lists in parentheses. */
static void encode(const char **at, struct text *out) {
    AUTO(text_clear) struct text inner = { 0 };
    size_t count = 0;
    while (**at && **at != ')') {
        size_t length = strcspn(*at, " ()");
        if (**at == ' ') {
            ++*at;
            continue;
        }
        count++;
        if (**at == '(') {
            ++*at;
            encode(at, &inner);
            continue;
        }
        if (strspn(*at, "0123456789") == length)
            text_addf(&inner, ":%.*s\r\n", (int)length, *at);
        else if (length == 1 && **at == '~')
            text_add(&inner, "$-1\r\n");
        else if (length == 2 && memcmp(*at, "''", 2) == 0)
            text_add(&inner, "$0\r\n\r\n");
        else
            text_addf(&inner, "$%zu\r\n%.*s\r\n", length, (int)length, *at);
        *at += length;
    }
    *at += **at == ')';
    text_addf(out, "*%zu\r\n%s", count, text_string(&inner));
}

static struct redis_reply *list(const char *shorthand) {
    AUTO(error_clear) struct error err = { 0 };
    AUTO(text_clear) struct text text = { 0 };
    struct redis_reply *reply = NULL;
    encode(&shorthand, &text);
    if (!redis_decode(text.bytes, text.length, &reply, &err) || !reply)
        fail_msg("not a reply: %s", text_string(&text));
    return reply;
}

typedef bool reader_of_lists(const struct redis_reply *reply, const char *asked_host,
                             struct cluster_view *out, struct error *err);

static void expect_list(reader_of_lists *reader, const char *shorthand, const char *wanted) {
    AUTO(error_clear) struct error err = { 0 };
    AUTO(cluster_view_clear) struct cluster_view view = { 0 };
    AUTO(redis_reply_free) struct redis_reply *reply = list(shorthand);
    if (!reader(reply, "10.0.0.9", &view, &err))
        fail_msg("%s", err.message);
    AUTO(string_free) char *seen = shown(&view);
    assert_string_equal(seen, wanted);
}

static void the_slots_of_3_0_have_no_ids(void **state) {
    (void)state;
    expect_list(cluster_slots_read,
                "(5461 10922 (10.0.0.2 7002) (10.0.0.4 7004)) (0 5460 (10.0.0.1 7001))"
                "(10923 16383 (10.0.0.1 7001))",
                "0-5460,10923-16383 10.0.0.1:7001\n5461-10922 10.0.0.2:7002 10.0.0.4:7004\n");
}

static void the_slots_of_4_0_and_of_7_0_have_more(void **state) {
    (void)state;
    expect_list(cluster_slots_read,
                "(0 5460 (10.0.0.1 7001 " A ") (10.0.0.4 7004 " D ")) (5461 16383 (10.0.0.1 7001 " A
                " ()) (10.0.0.4 7004 " D " (hostname four.example)))",
                "0-16383 10.0.0.1:7001 10.0.0.4:7004\n");
}

static void the_place_of_a_member_may_be_where_it_was_asked(void **state) {
    (void)state;
    expect_list(cluster_slots_read,
                "(0 16383 (one.example 7001 " A " (ip 10.0.0.1)) (~ 7002 " B " ()) ('' 7003 " C
                " ()) (? 7004 " D " (hostname four.example)))",
                "0-16383 10.0.0.1:7001 10.0.0.9:7002 10.0.0.9:7003\n");
}

static void the_shards_of_7_0_are_maps(void **state) {
    (void)state;
    expect_list(cluster_shards_read,
                "(slots (0 5460 10923 16383) nodes ((id " A
                " port 7001 ip 10.0.0.1 endpoint 10.0.0.1 hostname one.example role master "
                "replication-offset 72156 health online) (id " D
                " port 7004 ip 10.0.0.4 endpoint 10.0.0.4 role replica replication-offset 72156 "
                "health loading))) (slots () nodes ((id " B
                " tls-port 7002 ip 2001:db8::2 endpoint 2001:db8::2 role master health online)))",
                "0-5460,10923-16383 10.0.0.1:7001 10.0.0.4:7004\nnone [2001:db8::2]:7002\n");
}

static void a_primary_that_lost_its_shard_serves_nothing(void **state) {
    (void)state;
    expect_list(cluster_shards_read,
                "(slots (0 16383) nodes ((id " A
                " port 7001 ip 10.0.0.1 role master health fail) (id " D
                " port 7004 ip 10.0.0.4 role master health online)))",
                "0-16383 10.0.0.4:7004\nnone 10.0.0.1:7001\n");
}

static void lists_of_another_form_are_refused(void **state) {
    (void)state;
    static const char *const bad[] = { "1",
                                       "(0 1)",
                                       "(0 1 (a))",
                                       "(0 1 (a b))",
                                       "(1 0 (a 7000))",
                                       "(0 16384 (a 7000))",
                                       "(slots ())",
                                       "(slots (1) nodes ((id a)))" };
    for (size_t i = 0; i < COUNT(bad); i++) {
        AUTO(error_clear) struct error err = { 0 };
        AUTO(cluster_view_clear) struct cluster_view view = { 0 };
        AUTO(redis_reply_free) struct redis_reply *reply = list(bad[i]);
        assert_false(cluster_slots_read(reply, "h", &view, &err));
        error_clear(&err);
        assert_false(cluster_shards_read(reply, "h", &view, &err));
    }
}

static void a_thousand_members_are_read(void **state) {
    (void)state;
    AUTO(text_clear) struct text text = { 0 };
    for (int i = 0; i < 1000; i++) {
        int shard = i / 2, slot = shard * 32;
        if (i % 2 == 0)
            text_addf(&text, "%040x 10.0.%d.%d:6379@16379 master - 0 0 1 connected %d-%d\n", i,
                      i / 200, i % 200, slot, shard == 499 ? 16383 : slot + 31);
        else
            text_addf(&text, "%040x 10.0.%d.%d:6379@16379 slave %040x 0 0 1 connected\n", i,
                      i / 200, i % 200, i - 1);
    }
    AUTO(error_clear) struct error err = { 0 };
    AUTO(topology_clear) struct topology topology = { 0 };
    AUTO(cluster_view_clear) struct cluster_view view = { 0 };
    read_view(text_string(&text), &view);
    assert_true(topology_of_view(&view, &topology, &err));
    assert_int_equal(topology.count, 500);
    assert_int_equal(slots_count(&topology.items[499].slots), 16384 - 499 * 32);
    assert_string_equal(topology.items[499].replicas.items[0], "10.0.4.199:6379");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_nodes_of_3_0_have_no_bus_port),
        cmocka_unit_test(the_nodes_of_4_0_to_6_2_have_one),
        cmocka_unit_test(the_nodes_of_7_0_announce_names),
        cmocka_unit_test(what_7_2_and_valkey_add_is_left_alone),
        cmocka_unit_test(ipv6_is_written_in_brackets),
        cmocka_unit_test(a_member_that_does_not_know_its_address_is_where_it_was_asked),
        cmocka_unit_test(strangers_and_the_lost_are_no_part_of_the_topology),
        cmocka_unit_test(slots_on_the_move_are_told_apart_from_those_served),
        cmocka_unit_test(members_without_slots_come_last),
        cmocka_unit_test(what_is_not_of_the_form_is_refused),
        cmocka_unit_test(equal_views_are_known_by_their_hash),
        cmocka_unit_test(the_slots_of_3_0_have_no_ids),
        cmocka_unit_test(the_slots_of_4_0_and_of_7_0_have_more),
        cmocka_unit_test(the_place_of_a_member_may_be_where_it_was_asked),
        cmocka_unit_test(the_shards_of_7_0_are_maps),
        cmocka_unit_test(a_primary_that_lost_its_shard_serves_nothing),
        cmocka_unit_test(lists_of_another_form_are_refused),
        cmocka_unit_test(a_thousand_members_are_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
