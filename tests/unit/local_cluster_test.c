/* The pure parts of the local endpoint's clusters: pairing shards, nodes.conf, the writer's keys.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "providers/local/machine/cluster.h"
#include "providers/local/service/graft.h"
#include "providers/local/writer/client.h"
#include "providers/local/writer/writer.h"
#include "schemas/base/memory.h"
#include "schemas/base/slots.h"

#define A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define C "cccccccccccccccccccccccccccccccccccccccc"
#define LINE(id, host, flags, primary, slots)                                                      \
    id " 10.0.0." host ":6379@16379 " flags " " primary " 0 1 1 connected" slots "\n"

struct world {
    struct cluster_view view;
    struct shards shards;
    struct graft_pairs pairs;
    struct error err;
};

static void world_clear(struct world *world) {
    cluster_view_clear(&world->view);
    for (size_t i = 0; i < world->shards.count; i++) {
        free(world->shards.items[i].id);
        free(world->shards.items[i].slots);
    }
    free(world->shards.items);
    graft_pairs_clear(&world->pairs);
    error_clear(&world->err);
}
AUTO_VALUE(struct world, world_clear)

static bool pair(struct world *world, const char *nodes, const char *first, const char *second) {
    assert_true(cluster_nodes_read(nodes, strlen(nodes), "10.0.0.1", &world->view, &world->err));
    shards_add(&world->shards, first);
    if (second)
        shards_add(&world->shards, second);
    return graft_pair(&world->view, &world->shards, &world->pairs, &world->err);
}

static const char two_shards[] = LINE(A, "1", "myself,master", "-", " 0-5 8192-16383")
    LINE(B, "2", "master", "-", " 6-8191") LINE(C, "3", "slave", A, "");

static void shards_are_paired_by_their_slots_whatever_their_order(void **state) {
    (void)state;
    AUTO(world_clear) struct world world = { 0 };
    assert_true(pair(&world, two_shards, "6-8191", "0-5,8192-16383"));
    assert_false(world.pairs.layout_differs);
    assert_string_equal(world.pairs.items[0]->id, B);
    assert_string_equal(world.pairs.items[1]->id, A);
}

static void another_layout_of_as_many_shards_is_paired_by_first_slots(void **state) {
    (void)state;
    AUTO(world_clear) struct world world = { 0 };
    assert_true(pair(&world, two_shards, "0-8191", "8192-16383"));
    assert_true(world.pairs.layout_differs);
    assert_string_equal(world.pairs.items[0]->id, A);
    assert_string_equal(world.pairs.items[1]->id, B);
}

static void what_can_never_be_paired_is_refused_with_the_reason(void **state) {
    (void)state;
    static const struct {
        const char *nodes, *second, *why;
    } refused[] = {
        { two_shards, NULL, "number of shards differs: source has 2, target has 1" },
        { LINE(A, "1", "myself,master", "-", " 0-8191") LINE(B, "2", "master", "-", " 8193-16383"),
          "8192-16383", "the source serves 16383 of 16384 slots" },
        { LINE(A, "1", "myself,master", "-", " 0-8191 [93->-" B "]")
              LINE(B, "2", "master", "-", " 8192-16383"),
          "8192-16383", "slot 93 of the source is being moved" },
    };
    for (size_t i = 0; i < COUNT(refused); i++) {
        AUTO(world_clear) struct world world = { 0 };
        assert_false(pair(&world, refused[i].nodes, "0-8191", refused[i].second));
        assert_string_equal(world.err.message, refused[i].why);
    }
}

static void equal_parts_cover_all_slots_as_the_usual_tool_deals_them(void **state) {
    (void)state;
    static const char *const thirds[] = { "0-5460", "5461-10922", "10923-16383" };
    for (size_t i = 0; i < COUNT(thirds); i++) {
        AUTO(string_free) char *slots = cluster_equal_slots(i, COUNT(thirds));
        assert_string_equal(slots, thirds[i]);
    }
    struct slots all = { 0 };
    for (size_t i = 0; i < 500; i++) {
        AUTO(string_free) char *text = cluster_equal_slots(i, 500);
        AUTO(error_clear) struct error err = { 0 };
        struct slots slots = { 0 };
        assert_true(slots_parse(text, strlen(text), &slots, &err));
        assert_false(slots_overlap(&all, &slots));
        slots_add_all(&all, &slots);
    }
    assert_int_equal(slots_count(&all), SLOT_COUNT);
}

static void what_a_node_remembers_names_itself_and_a_bus_that_nobody_hears(void **state) {
    (void)state;
    struct state endpoint = { .node_port = 6379 };
    struct cluster_entry entries[] = {
        { .id = A,
          .host = "10.0.0.1",
          .port = 7000,
          .bus_port = CLUSTER_DEAD_BUS_PORT,
          .epoch = 4,
          .slots = "0-5,9" },
        { .id = B, .host = "127.1.2.1", .port = 6379, .primary_id = A },
    };
    const struct cluster_entries list = { entries, COUNT(entries) };
    AUTO(text_clear) struct text page = { 0 };
    cluster_page(&page, &endpoint, &list, B, 4, 7);
    assert_string_equal(text_string(&page),
                        A " 10.0.0.1:7000@1 master - 0 0 4 connected 0-5 9\n" B
                          " 127.1.2.1:6379@16379 myself,slave " A " 0 0 0 connected\n"
                          "vars currentEpoch 4 lastVoteEpoch 0\n");
}

static bool place(const void *context, const char *id, char out[64]) {
    if (strcmp(id, context) == 0)
        snprintf(out, 64, "127.9.2.1:6390");
    return strcmp(id, context) == 0;
}

static void addresses_are_replaced_where_the_node_is_ours(void **state) {
    (void)state;
    static const char before[] =
        A " 127.1.2.1:6379@16379,name myself,master - 0 0 4 connected 0\n" B
          " 10.0.0.1:7000@1 slave - 0 0 0 connected\nvars currentEpoch 4";
    static const char mine[] = A " 127.9.2.1:6390@16390,name myself,master - 0 0 4 connected 0\n" B
                                 " 10.0.0.1:7000@1 slave - 0 0 0 connected\nvars currentEpoch 4";
    static const char dead[] = A " 127.1.2.1:6379@16379,name myself,master - 0 0 4 connected 0\n" B
                                 " 127.9.2.1:6390@1 slave - 0 0 0 connected\nvars currentEpoch 4";
    AUTO(text_clear) struct text page = { 0 };
    cluster_replace_addresses(before, strlen(before), 16390, place, A, &page);
    assert_string_equal(text_string(&page), mine);
    text_reset(&page);
    cluster_replace_addresses(before, strlen(before), 16390, place, B, &page);
    assert_string_equal(text_string(&page), dead);
    for (size_t length = 0; length < strlen(before); length++) {
        text_reset(&page);
        cluster_replace_addresses(before, length, 16390, place, B, &page);
    }
}

static void the_keys_of_each_writer_are_of_its_shard(void **state) {
    (void)state;
    AUTO(world_clear) struct world world = { 0 };
    AUTO(writer_parts_clear) struct writer_parts parts = { 0 };
    for (size_t i = 0; i < 50; i++) {
        AUTO(string_free) char *slots = cluster_equal_slots(i, 50);
        shards_add(&world.shards, slots);
    }
    writer_parts_of(&world.shards, &parts);
    assert_int_equal(parts.count, 50);
    for (size_t i = 0; i < parts.count; i++) {
        AUTO(string_free) char *key = writer_part_key(&parts.items[i]);
        const char *text = world.shards.items[i].slots;
        struct slots slots = { 0 };
        assert_true(slots_parse(text, strlen(text), &slots, &world.err));
        assert_true(slots_have(&slots, slot_of_key(key, strlen(key))));
    }
    assert_string_equal(parts.items[49].suffix, "-0050");
}

static void redirects_are_followed_and_nothing_else_is_taken_for_one(void **state) {
    (void)state;
    static const struct {
        const char *fault, *server;
        bool once;
    } cases[] = {
        { "MOVED 93 10.0.0.7:6379", "10.0.0.7:6379", false },
        { "ASK 93 10.0.0.8:7000", "10.0.0.8:7000", true },
        { "MOVED 93", NULL, false },
        { "MOVED x 10.0.0.7:6379", NULL, false },
        { "MOVED 93 10.0.0.7", NULL, false },
        { "NOREPLICAS 1 10.0.0.7:6379", NULL, false },
        { "", NULL, false },
    };
    struct writer_client client = { .cluster = true };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct redis_reply reply = { .type = REDIS_FAULT,
                                     .bytes = (char *)(uintptr_t)cases[i].fault };
        char server[WRITER_ADDRESS_BYTES] = "";
        bool once = false;
        assert_int_equal(writer_client_redirect(&client, &reply, server, &once),
                         cases[i].server != NULL);
        if (cases[i].server)
            assert_string_equal(server, cases[i].server);
        assert_int_equal(once, cases[i].once);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shards_are_paired_by_their_slots_whatever_their_order),
        cmocka_unit_test(another_layout_of_as_many_shards_is_paired_by_first_slots),
        cmocka_unit_test(what_can_never_be_paired_is_refused_with_the_reason),
        cmocka_unit_test(equal_parts_cover_all_slots_as_the_usual_tool_deals_them),
        cmocka_unit_test(what_a_node_remembers_names_itself_and_a_bus_that_nobody_hears),
        cmocka_unit_test(addresses_are_replaced_where_the_node_is_ours),
        cmocka_unit_test(the_keys_of_each_writer_are_of_its_shard),
        cmocka_unit_test(redirects_are_followed_and_nothing_else_is_taken_for_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
