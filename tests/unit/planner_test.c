/* Which steps a plan has, in which situation. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "planner/planner.h"
#include "planner/sequence.h"
#include "schemas/base/memory.h"
#include "tests/support/sight.h"

#define RAISED_LIMITS "normal 0 0 0 slave 8589934592 8589934592 0 pubsub 33554432 8388608 60"

static void make(const struct sight *sight, struct plan *plan) {
    AUTO(error_clear) struct error err = { 0 };
    assert_true(planner_plan(&sight->config, &sight->observed, PLAN_MIGRATE, plan, &err));
}

static void expect_keys(const struct sight *sight, const char *expected) {
    AUTO(plan_clear) struct plan plan = { 0 };
    AUTO(strings_clear) struct strings keys = { 0 };
    make(sight, &plan);
    for (size_t i = 0; i < plan.core.steps.count; i++)
        strings_add(&keys, plan.core.steps.items[i].key);
    AUTO(string_free) char *joined = strings_join(&keys, "\n");
    assert_string_equal(joined, expected);
}

#define RIGHTS "prepare/rights\n"
#define FOLLOWING "replicate/sync\nreplicate/compare\ngate/cutover\n"
#define CUTOVER                                                                                    \
    "cutover/catch-up\ncutover/complete\ncutover/compare\ncutover/switch\ncutover/audit\n"         \
    "finish/probe\n"

static void a_fresh_target_gets_every_step(void **state) {
    (void)state;
    AUTO(sight_clear) struct sight sight;
    sight_init(&sight);
    sight_set(&sight, "client-output-buffer-limit", SIGHT_DEFAULT_LIMITS);
    expect_keys(&sight,
                "prepare/set/client-output-buffer-limit\n" RIGHTS
                "prepare/create\nreplicate/test\nreplicate/start\n" FOLLOWING
                "cutover/hold\n" CUTOVER "finish/restore/client-output-buffer-limit\nfinish/fence");
}

static void an_existing_target_is_not_created(void **state) {
    (void)state;
    AUTO(sight_clear) struct sight sight;
    sight_init(&sight);
    sight_target_exists(&sight);
    sight.config.replication.test = false;
    expect_keys(&sight,
                RIGHTS "replicate/start\n" FOLLOWING "cutover/hold\n" CUTOVER "finish/fence");
}

static void a_target_that_follows_is_not_started_again(void **state) {
    (void)state;
    AUTO(sight_clear) struct sight sight;
    sight_init(&sight);
    sight_target_follows(&sight);
    expect_keys(&sight, RIGHTS FOLLOWING "cutover/hold\n" CUTOVER "finish/fence");
    string_replace(&sight.observed.target.replicates_from, "source.internal:6379");
    string_replace(&sight.observed.history.started_from, "source.internal:6379");
    expect_keys(&sight, RIGHTS FOLLOWING "cutover/hold\n" CUTOVER "finish/fence");
}

static void a_promoted_target_only_needs_what_comes_after(void **state) {
    (void)state;
    AUTO(sight_clear) struct sight sight;
    AUTO(plan_clear) struct plan plan = { 0 };
    sight_init(&sight);
    sight_target_exists(&sight);
    sight.observed.target.holds_keys = sight.observed.history.open = true;
    strings_add(&sight.observed.history.steps_done, "cutover/complete");
    strings_add(&sight.observed.history.steps_done, "cutover/compare");
    expect_keys(&sight, "cutover/switch\ncutover/audit\nfinish/probe\nfinish/fence");
    make(&sight, &plan);
    assert_true(plan.context.applyable);
}

static void a_finished_migration_has_nothing_to_do(void **state) {
    (void)state;
    AUTO(sight_clear) struct sight sight;
    AUTO(plan_clear) struct plan plan = { 0 };
    sight_init(&sight);
    sight_finished(&sight);
    sight.observed.target.transit_encryption = true; /* switched on afterwards, as one does */
    make(&sight, &plan);
    assert_int_equal(plan.core.steps.count, 0);
    assert_true(plan.context.applyable);
    assert_false(plan_has_changes(&plan));
    assert_non_null(strstr(plan.context.summary, "NOTHING TO DO"));
}

static void what_cannot_be_seen_is_not_planned(void **state) {
    (void)state;
    AUTO(sight_clear) struct sight sight;
    AUTO(plan_clear) struct plan plan = { 0 };
    sight_init(&sight);
    sight_source(&sight)->reachable = false;
    make(&sight, &plan);
    assert_int_equal(plan.core.steps.count, 0);
    assert_false(plan.context.applyable);
    assert_false(plan.context.complete);
    assert_non_null(strstr(plan.context.summary, "BLOCKED"));
}

static void the_way_writers_are_held_decides_the_steps(void **state) {
    (void)state;
    AUTO(sight_clear) struct sight sight;
    sight_init(&sight);
    sight_target_follows(&sight);
    sight.config.cutover.writes = WRITES_REJECT;
    expect_keys(&sight, RIGHTS FOLLOWING CUTOVER "finish/fence");
    sight.config.cutover.writes = WRITES_PAUSE;
    string_replace(&sight_source(&sight)->version, "6.0.20");
    expect_keys(&sight, RIGHTS FOLLOWING CUTOVER "finish/fence");
    sight.config.cutover.writes = WRITES_NONE;
    expect_keys(&sight, FOLLOWING "cutover/catch-up\ncutover/complete\ncutover/switch\n"
                                  "cutover/audit\nfinish/probe");
}

static void comparing_can_be_left_out(void **state) {
    (void)state;
    AUTO(sight_clear) struct sight sight;
    AUTO(plan_clear) struct plan plan = { 0 };
    sight_init(&sight);
    sight_target_follows(&sight);
    sight.config.verify.before_cutover.mode = sight.config.verify.after_cutover.mode = VERIFY_NONE;
    sight.config.cutover.approval = APPROVAL_NONE;
    make(&sight, &plan);
    assert_null(plan_find(&plan, "replicate/compare"));
    assert_null(plan_find(&plan, "cutover/compare"));
    assert_int_equal(plan.core.gates.items[0].needs.count, 2);
    assert_string_equal(plan.core.gates.items[0].needs.items[0], "unchanged");
    assert_string_equal(plan.core.gates.items[0].needs.items[1], "in_sync");
}

static void a_window_is_the_last_need_of_the_gate_and_is_shown(void **state) {
    (void)state;
    AUTO(sight_clear) struct sight sight;
    AUTO(plan_clear) struct plan plan = { 0 };
    sight_init(&sight);
    sight.config.cutover.window = (struct config_window){ .not_before = xstrdup("22:00"),
                                                          .not_after = xstrdup("04:30"),
                                                          .zone = xstrdup("+02:00") };
    make(&sight, &plan);
    const struct strings *needs = &plan.core.gates.items[0].needs;
    assert_int_equal(needs->count, 5);
    assert_string_equal(needs->items[4], "window");
    AUTO(text_clear) struct text page = { 0 };
    render_format_find("text")->render(&plan, &(struct render_options){ .words = "f" }, &page);
    assert_non_null(
        strstr(text_string(&page), "in sync, verified, time between 22:00 and 04:30 +02:00 @@"));
}

static void steps_refer_to_each_other_by_id(void **state) {
    (void)state;
    AUTO(sight_clear) struct sight sight;
    AUTO(plan_clear) struct plan plan = { 0 };
    sight_init(&sight);
    make(&sight, &plan);
    const struct plan_step *gate = plan_find(&plan, "gate/cutover");
    const struct plan_step *hold = plan_find(&plan, "cutover/hold");
    const struct plan_step *leap = plan_find(&plan, "cutover/switch");
    assert_string_equal(gate->id, "G1");
    assert_string_equal(plan.core.gates.items[0].step, "G1");
    assert_int_equal(plan.core.gates.items[0].needs.count, 4);
    assert_string_equal(hold->needs.items[0], "G1");
    assert_string_equal(hold->undo.until, plan_find(&plan, "cutover/complete")->id);
    assert_string_equal(plan_find(&plan, "replicate/start")->undo.until, leap->id);
    assert_string_equal(plan.core.point_of_no_return, leap->id);
    assert_non_null(strstr(plan_find(&plan, "cutover/complete")->reason, leap->id));
    assert_true(plan_has_changes(&plan));
}

static void a_setting_is_raised_and_given_back(void **state) {
    (void)state;
    AUTO(sight_clear) struct sight sight;
    AUTO(plan_clear) struct plan plan = { 0 };
    sight_init(&sight);
    sight_set(&sight, "client-output-buffer-limit", SIGHT_DEFAULT_LIMITS);
    make(&sight, &plan);
    const struct plan_step *set = plan_find(&plan, "prepare/set/client-output-buffer-limit");
    const struct plan_step *restore = plan_find(&plan, "finish/restore/client-output-buffer-limit");
    assert_int_equal(set->effects.count, 1);
    assert_string_equal(set->object, SIGHT_SOURCE);
    assert_string_equal(set->effects.items[0].field,
                        "source.nodes[0].settings.client-output-buffer-limit");
    assert_non_null(json_find(plan.core.observed.facts, set->effects.items[0].field));
    assert_string_equal(set->effects.items[0].before, SIGHT_DEFAULT_LIMITS);
    assert_string_equal(set->effects.items[0].after, RAISED_LIMITS);
    assert_string_equal(restore->effects.items[0].before, RAISED_LIMITS);
    assert_string_equal(restore->effects.items[0].after, SIGHT_DEFAULT_LIMITS);
}

static void the_value_before_an_unfinished_run_is_what_is_given_back(void **state) {
    (void)state;
    AUTO(sight_clear) struct sight sight;
    AUTO(plan_clear) struct plan plan = { 0 };
    AUTO(plan_clear) struct plan raised = { 0 };
    sight_init(&sight);
    pairs_set(&sight.observed.history.settings_before, SIGHT_SOURCE " repl-backlog-size",
              "1048576");
    make(&sight, &raised);
    assert_null(plan_find(&raised, "prepare/set/repl-backlog-size"));
    const struct plan_step *restore = plan_find(&raised, "finish/restore/repl-backlog-size");
    assert_string_equal(restore->effects.items[0].before, "8589934592");
    assert_string_equal(restore->effects.items[0].after, "1048576");
    sight_set(&sight, "repl-backlog-size", "67108864"); /* an older run knew of less data */
    make(&sight, &plan);
    const struct plan_step *set = plan_find(&plan, "prepare/set/repl-backlog-size");
    assert_string_equal(set->effects.items[0].before, "1048576");
    assert_string_equal(set->effects.items[0].after, "2147483648");
}

static void replicas_are_prepared_too_and_listed_settings_on_the_primary(void **state) {
    (void)state;
    AUTO(sight_clear) struct sight sight;
    AUTO(plan_clear) struct plan plan = { 0 };
    sight_init(&sight);
    for (size_t i = 0; i < 2; i++) {
        struct pairs *settings = &sight.observed.source.nodes.items[i].settings;
        pairs_set(settings, "repl-backlog-ttl", "3600");
        pairs_set(settings, "protected-mode", "yes");
        pairs_set(settings, "repl-timeout", "60");
    }
    strings_add(&sight.config.source.manage, "protected-mode");
    strings_add(&sight.config.source.manage, "repl-timeout");
    make(&sight, &plan);
    const struct plan_step *set = plan_find(&plan, "prepare/set/repl-backlog-ttl");
    assert_string_equal(set->object, "both nodes");
    assert_int_equal(set->effects.count, 2);
    assert_string_equal(set->effects.items[1].field, "source.nodes[1].settings.repl-backlog-ttl");
    assert_string_equal(set->effects.items[1].after, "0");
    set = plan_find(&plan, "prepare/set/repl-timeout");
    assert_string_equal(set->effects.items[0].after, "300");
    set = plan_find(&plan, "prepare/set/protected-mode");
    assert_string_equal(set->effects.items[0].after, "no");
    assert_string_equal(set->object, SIGHT_SOURCE);
    assert_int_equal(set->effects.count, 1);
    assert_true(plan.context.applyable);
}

static void the_disk_is_left_out_where_the_file_says_so(void **state) {
    (void)state;
    AUTO(sight_clear) struct sight sight;
    AUTO(plan_clear) struct plan plan = { 0 }, told = { 0 };
    sight_init(&sight);
    sight_set(&sight, "repl-diskless-sync", "no");
    sight_set(&sight, "repl-diskless-sync-delay", "5");
    make(&sight, &plan);
    assert_null(plan_find(&plan, "prepare/set/repl-diskless-sync"));
    assert_null(plan_find(&plan, "prepare/set/repl-diskless-sync-delay"));
    strings_add(&sight.config.source.manage, "repl-diskless-sync");
    strings_add(&sight.config.source.manage, "repl-diskless-sync-delay");
    make(&sight, &told);
    const struct plan_step *set = plan_find(&told, "prepare/set/repl-diskless-sync");
    const struct plan_step *restore = plan_find(&told, "finish/restore/repl-diskless-sync");
    assert_string_equal(set->effects.items[0].after, "yes");
    assert_string_equal(restore->effects.items[0].after, "no");
    set = plan_find(&told, "prepare/set/repl-diskless-sync-delay");
    assert_string_equal(set->effects.items[0].after, "0");
    assert_string_equal(told.context.findings.items[0].remedy,
                        "S01 sets it for the migration and restores it afterwards");
}

static void limits_are_read_in_every_form(void **state) {
    (void)state;
    static const struct {
        const char *current, *after; /* NULL: stays */
    } cases[] = {
        { "normal 0 0 0 replica 1 2 3", "normal 0 0 0 replica 8589934592 8589934592 0" },
        { "slave 268435456 0 0 normal 0 0 0", "slave 8589934592 8589934592 0 normal 0 0 0" },
        { "slave 8589934592 8589934592 60", NULL },
        { "slave 8589934592 67108864 60", "slave 8589934592 8589934592 0" },
        { "slave 17179869184 67108864 60", "slave 17179869184 17179869184 0" },
        { "slave 0 0 0", NULL },
        { "slave 1 2", NULL },
        { "", NULL },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        AUTO(sight_clear) struct sight sight;
        AUTO(plan_clear) struct plan plan = { 0 };
        sight_init(&sight);
        sight_set(&sight, "client-output-buffer-limit", cases[i].current);
        make(&sight, &plan);
        const struct plan_step *set = plan_find(&plan, "prepare/set/client-output-buffer-limit");
        assert_int_equal(set != NULL, cases[i].after != NULL);
        if (set)
            assert_string_equal(set->effects.items[0].after, cases[i].after);
    }
}

static void the_same_input_gives_the_same_core(void **state) {
    (void)state;
    AUTO(sight_clear) struct sight sight;
    AUTO(plan_clear) struct plan one = { 0 };
    AUTO(plan_clear) struct plan two = { 0 };
    AUTO(plan_clear) struct plan busy = { 0 };
    AUTO(plan_clear) struct plan other = { 0 };
    sight_init(&sight);
    sight_set(&sight, "client-output-buffer-limit", SIGHT_DEFAULT_LIMITS);
    make(&sight, &one);
    make(&sight, &two);
    struct observed_node *node = sight_source(&sight);
    node->dataset_bytes += 100 << 20;
    node->used_memory_bytes += 100 << 20;
    node->databases.items[0].keys += 12345;
    node->replication_offset += 1000000;
    node->write_bytes_per_s = 4 << 20;
    node->highest_database = 3;
    node->maxmemory_bytes = (int64_t)60 << 30;
    string_replace(&node->replid, "moved");
    sight.observed.target.keys = 17;
    make(&sight, &busy);
    string_replace(&node->run_id, "restarted");
    make(&sight, &other);
    AUTO(json_free) struct json *first = shape_write(&plan_core_shape, &one.core);
    AUTO(json_free) struct json *second = shape_write(&plan_core_shape, &two.core);
    AUTO(string_free) char *first_text = json_write(first, JSON_CANONICAL);
    AUTO(string_free) char *second_text = json_write(second, JSON_CANONICAL);
    assert_string_equal(first_text, second_text);
    assert_string_equal(one.digest, two.digest);
    assert_string_equal(one.digest, busy.digest);
    assert_string_not_equal(one.digest, other.digest);
}

static void every_kind_of_step_is_in_the_sequence(void **state) {
    (void)state;
    for (size_t i = 0; step_kind_names[i]; i++) {
        const struct sequence_row *row = sequence_find((enum step_kind)i);
        if (!row)
            print_message("%s is in no sequence\n", step_kind_names[i]);
        assert_non_null(row);
        const struct planned_step *planned = row->planned;
        assert_true(planned->modes && planned->done_when && planned->describe);
        assert_true(planned->timeout || planned->timeout_s);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_fresh_target_gets_every_step),
        cmocka_unit_test(an_existing_target_is_not_created),
        cmocka_unit_test(a_target_that_follows_is_not_started_again),
        cmocka_unit_test(a_promoted_target_only_needs_what_comes_after),
        cmocka_unit_test(a_finished_migration_has_nothing_to_do),
        cmocka_unit_test(what_cannot_be_seen_is_not_planned),
        cmocka_unit_test(the_way_writers_are_held_decides_the_steps),
        cmocka_unit_test(comparing_can_be_left_out),
        cmocka_unit_test(a_window_is_the_last_need_of_the_gate_and_is_shown),
        cmocka_unit_test(steps_refer_to_each_other_by_id),
        cmocka_unit_test(a_setting_is_raised_and_given_back),
        cmocka_unit_test(the_value_before_an_unfinished_run_is_what_is_given_back),
        cmocka_unit_test(replicas_are_prepared_too_and_listed_settings_on_the_primary),
        cmocka_unit_test(the_disk_is_left_out_where_the_file_says_so),
        cmocka_unit_test(limits_are_read_in_every_form),
        cmocka_unit_test(the_same_input_gives_the_same_core),
        cmocka_unit_test(every_kind_of_step_is_in_the_sequence),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
