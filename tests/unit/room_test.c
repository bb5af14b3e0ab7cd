/* What a source's memory has room for, against INFO of real servers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "planner/settings.h"
#include "providers/observe/node.h"
#include "schemas/base/memory.h"
#include "schemas/observed/room.h"
#include "tests/support/sight.h"

#define MIB ((int64_t)1 << 20)

static void node_clear(struct observed_node *node) {
    shape_clear(&observed_node_shape, node);
}
AUTO_VALUE(struct observed_node, node_clear)

static void expect_room(const char *info, int64_t free_bytes, bool of_machine, int64_t growth) {
    AUTO(node_clear) struct observed_node node = { 0 };
    struct room room;
    node_read_info(info, strlen(info), &node);
    room_of(&node, &room);
    assert_int_equal(room.free_bytes, free_bytes);
    assert_int_equal(room.of_machine, of_machine);
    assert_int_equal(room_backlog_growth(&node, 64 * MIB), growth);
}

#define MACHINE "total_system_memory:1073741824\r\nused_memory_rss:104857600\r\n"

static void maxmemory_counts_what_the_server_counts(void **state) {
    (void)state;
    expect_room("redis_version:7.0.15\r\nrole:master\r\n" MACHINE "used_memory:94371840\r\n"
                "maxmemory:104857600\r\nmem_not_counted_for_evict:1048576\r\n"
                "mem_total_replication_buffers:3145728\r\nrepl_backlog_size:1048576\r\n"
                "repl_backlog_active:1\r\n",
                11 * MIB, false, 63 * MIB);
    /* A backlog that nobody needed yet is not allocated. */
    expect_room("redis_version:7.0.15\r\nrole:master\r\n" MACHINE "used_memory:94371840\r\n"
                "maxmemory:104857600\r\nmem_total_replication_buffers:0\r\n"
                "repl_backlog_size:1048576\r\nrepl_backlog_active:0\r\n",
                10 * MIB, false, 64 * MIB);
    expect_room("redis_version:6.0.16\r\nrole:master\r\n" MACHINE "used_memory:94371840\r\n"
                "maxmemory:104857600\r\nrepl_backlog_size:67108864\r\nrepl_backlog_active:1\r\n",
                10 * MIB, false, 0);
    expect_room("redis_version:6.0.16\r\nrole:master\r\n" MACHINE "used_memory:94371840\r\n"
                "maxmemory:104857600\r\nrepl_backlog_size:67108864\r\nrepl_backlog_active:0\r\n",
                10 * MIB, false, 64 * MIB);
}

static void without_maxmemory_the_machine_limits(void **state) {
    (void)state;
    expect_room("redis_version:7.0.15\r\nrole:master\r\n" MACHINE
                "used_memory:94371840\r\nmaxmemory:0\r\n",
                924 * MIB, true, 64 * MIB);
    /* Replicas ignore maxmemory from 5.0 on. */
    expect_room("redis_version:5.0.14\r\nrole:slave\r\n" MACHINE
                "used_memory:94371840\r\nmaxmemory:94371840\r\n",
                924 * MIB, true, 64 * MIB);
    expect_room("redis_version:4.0.14\r\nrole:slave\r\n" MACHINE
                "used_memory:94371840\r\nmaxmemory:94371840\r\n",
                0, false, 64 * MIB);
}

static int64_t backlog_beside(int64_t free_bytes) {
    AUTO(sight_clear) struct sight sight;
    struct situation now;
    sight_init(&sight);
    for (size_t i = 0; i < sight.observed.source.nodes.count; i++) {
        struct observed_node *node = &sight.observed.source.nodes.items[i];
        node->dataset_bytes = 60 * MIB;
        node->used_memory_bytes = 100 * MIB;
        node->maxmemory_bytes = 100 * MIB + free_bytes;
        node->backlog_held_bytes = MIB;
        pairs_set(&node->settings, ROOM_BACKLOG, "1048576");
    }
    situation_read(&sight.config, &sight.observed, PLAN_MIGRATE, &now);
    return now.backlog.size_bytes;
}

static void the_backlog_takes_half_of_what_is_free(void **state) {
    (void)state;
    assert_int_equal(backlog_beside(400 * MIB), 64 * MIB);
    assert_int_equal(backlog_beside(142 * MIB), 64 * MIB);
    assert_int_equal(backlog_beside(141 * MIB), 32 * MIB);
    assert_int_equal(backlog_beside(48 * MIB), 16 * MIB);
    assert_int_equal(backlog_beside(18 * MIB), 2 * MIB);
    assert_int_equal(backlog_beside(17 * MIB), 1 * MIB);
    assert_int_equal(backlog_beside(0), 1 * MIB);
}

static void the_reserve_is_part_of_the_sum(void **state) {
    (void)state;
    struct room room = {
        .known = true, .limit_bytes = 100 * MIB, .taken_bytes = 90 * MIB, .free_bytes = 10 * MIB
    };
    struct room_need fits = { 6 * MIB, 0 }, not = { 6 * MIB + 1, 0 }, more = { 64 * MIB, 0 };
    assert_true(room_fits(&room, &fits));
    assert_false(room_fits(&room, &not ));
    fits.comparison_bytes = 1;
    assert_false(room_fits(&room, &fits));
    assert_int_equal(room_enough_maxmemory(&room, &more), (90 + 2 * 68 + 1) * MIB);
    AUTO(text_clear) struct text sum = { 0 };
    room_add_sum(&sum, &room, &more);
    assert_string_equal(text_string(&sum),
                        "64 MiB backlog + 4 MiB connections = 68 MiB; maxmemory 100 MiB - 90 MiB "
                        "counted = 10 MiB free");
    more.comparison_bytes = 4 * MIB;
    assert_int_equal(room_enough_maxmemory(&room, &more), (90 + 2 * 72 + 1) * MIB);
    text_clear(&sum);
    room_add_sum(&sum, &room, &more);
    assert_non_null(strstr(text_string(&sum), "64 MiB backlog + 4 MiB comparison + 4 MiB "
                                              "connections = 72 MiB; "));
    room = (struct room){ 0 };
    assert_true(room_fits(&room, &more));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(maxmemory_counts_what_the_server_counts),
        cmocka_unit_test(without_maxmemory_the_machine_limits),
        cmocka_unit_test(the_backlog_takes_half_of_what_is_free),
        cmocka_unit_test(the_reserve_is_part_of_the_sum),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
