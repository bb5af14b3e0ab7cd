/* Plans of sources with many shards: layouts of slots, steps, and what a page makes of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "planner/planner.h"
#include "schemas/base/memory.h"
#include "tests/support/sight.h"

#define MIB ((size_t)1 << 20)

static void make(const struct sight *sight, enum plan_mode mode, struct plan *plan) {
    AUTO(error_clear) struct error err = { 0 };
    assert_true(planner_plan(&sight->config, &sight->observed, mode, plan, &err));
}

static const struct plan_step *step_of(const struct plan *plan, enum step_kind kind) {
    for (size_t i = 0; i < plan->core.steps.count; i++)
        if (plan->core.steps.items[i].kind == kind)
            return &plan->core.steps.items[i];
    return NULL;
}

static size_t steps_of(const struct plan *plan, enum step_kind kind) {
    size_t count = 0;
    for (size_t i = 0; i < plan->core.steps.count; i++)
        count += plan->core.steps.items[i].kind == kind;
    return count;
}

static const struct plan_effect *effect_of(const struct plan_step *step, const char *field) {
    for (size_t i = 0; step && i < step->effects.count; i++)
        if (strcmp(step->effects.items[i].field, field) == 0)
            return &step->effects.items[i];
    return NULL;
}

static const struct plan_note *note_of(const struct plan *plan, const char *id) {
    for (size_t i = 0; i < plan->context.findings.count; i++)
        if (strcmp(plan->context.findings.items[i].id, id) == 0)
            return &plan->context.findings.items[i];
    return NULL;
}

static void expect_effect(const struct plan_step *step, const char *field, const char *before,
                          const char *after) {
    const struct plan_effect *effect = effect_of(step, field);
    if (!effect)
        print_message("no effect on %s\n", field);
    assert_non_null(effect);
    assert_string_equal(effect->before ? effect->before : "", before ? before : "");
    assert_string_equal(effect->after ? effect->after : "", after ? after : "");
}

static void set_everywhere(struct sight *sight, const char *name, const char *value) {
    for (size_t i = 0; i < sight->observed.source.nodes.count; i++)
        pairs_set(&sight->observed.source.nodes.items[i].settings, name, value);
}

struct layout {
    const char *slots[4];
    const char *source_finding, *target_finding; /* of a new group; NULL: none */
    bool given;                                  /* the new group gets these ranges */
};

static const struct layout layouts[] = {
    { { "0-5460", "5461-10922", "10923-16383" }, NULL, NULL, true },
    { { "0-5461", "5462-10923", "10924-16383" }, NULL, NULL, true },
    { { "10923-16383", "5461-10922", "0-5460" }, NULL, NULL, true }, /* addresses reversed */
    { { "0", "1-16382", "16383" }, NULL, NULL, true },
    { { "0-99,200-5460", "5461-10922", "100-199,10923-16383" }, NULL, "target-slots", false },
    { { "0-5460", "5461-10921", "10923-16383" }, "source-slots", NULL, true },
    { { "0-8191", "8192-16383", "" }, "source-empty-shard", "target-shard-count", true },
};

static void a_new_group_gets_the_ranges_of_the_source(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(layouts); i++) {
        const struct layout *layout = &layouts[i];
        AUTO(sight_clear) struct sight sight;
        AUTO(plan_clear) struct plan plan = { 0 };
        sight_init(&sight);
        sight_cluster(&sight, 3, 1);
        sight_slots(&sight, layout->slots);
        make(&sight, PLAN_MIGRATE, &plan);
        const struct plan_step *create = step_of(&plan, STEP_CREATE_GROUP);
        assert_int_equal(plan.context.findings.count,
                         !!layout->source_finding + !!layout->target_finding);
        assert_true(!layout->source_finding || note_of(&plan, layout->source_finding));
        assert_true(!layout->target_finding || note_of(&plan, layout->target_finding));
        expect_effect(create, "target.cluster_enabled", NULL, "true");
        assert_int_equal(effect_of(create, "slots 0001") != NULL, layout->given);
        for (size_t k = 0; layout->given && k < 3 && *layout->slots[k]; k++) {
            AUTO(string_free) char *field = xasprintf("slots %04zu", k + 1);
            expect_effect(create, field, NULL, layout->slots[k]);
        }
    }
}

static void a_group_with_other_ranges_is_resharded_by_the_service(void **state) {
    (void)state;
    static const char *const equal[] = { "0-5460", "5461-10922", "10923-16383", NULL };
    static const char *const reversed[] = { "10923-16383", "5461-10922", "0-5460", NULL };
    static const char *const shifted[] = { "0-5461", "5462-10923", "10924-16383", NULL };
    static const struct {
        const char *const *slots;
        bool noted;
    } rows[] = { { equal, false }, { reversed, false }, { shifted, true } };
    for (size_t i = 0; i < COUNT(rows); i++) {
        AUTO(sight_clear) struct sight sight;
        AUTO(plan_clear) struct plan plan = { 0 };
        sight_init(&sight);
        sight_cluster(&sight, 3, 1);
        sight_slots(&sight, equal);
        sight_target_exists(&sight);
        sight_slots(&sight, rows[i].slots);
        make(&sight, PLAN_MIGRATE, &plan);
        assert_int_equal(note_of(&plan, "target-slots") != NULL, rows[i].noted);
        assert_true(plan.context.applyable);
        assert_null(note_of(&plan, "target-shard-count"));
    }
}

static void slots_are_the_same_however_they_are_written(void **state) {
    (void)state;
    static const char *const holes[] = { "0-99,200-5460", "5461-10922", "100-199,10923-16383",
                                         NULL };
    AUTO(sight_clear) struct sight sight;
    AUTO(plan_clear) struct plan plan = { 0 };
    sight_init(&sight);
    sight_cluster(&sight, 3, 1);
    sight_slots(&sight, holes);
    sight_target_exists(&sight);
    string_replace(&sight.observed.target.shard_list.items[0].slots, "200-5460, 0-99");
    make(&sight, PLAN_MIGRATE, &plan);
    assert_int_equal(plan.context.findings.count, 0);
}

static void each_shard_starts_to_follow_its_own_primary(void **state) {
    (void)state;
    static const char *const reversed[] = { "10922-16383", "5461-10921", "0-5460", NULL };
    AUTO(sight_clear) struct sight sight;
    AUTO(plan_clear) struct plan plan = { 0 };
    sight_init(&sight);
    sight_cluster(&sight, 3, 1);
    sight_target_exists(&sight);
    sight_slots(&sight, reversed);
    make(&sight, PLAN_MIGRATE, &plan);
    const struct plan_step *start = step_of(&plan, STEP_START_MIGRATION);
    const struct plan_step *complete = step_of(&plan, STEP_COMPLETE);
    expect_effect(start, "target.shard_list[0].replicates_from", NULL, "10.20.4.5:6379");
    expect_effect(start, "target.shard_list[2].replicates_from", NULL, "10.20.4.1:6379");
    expect_effect(start, "target.shard_list[2].role", "master", "slave");
    expect_effect(complete, "target.shard_list[0].replicates_from", "10.20.4.5:6379", NULL);
    assert_null(effect_of(start, "target.replicates_from"));
}

/* Hold, fence and promotion take all shards or none: a step each, however many there are. */
static void what_all_shards_do_together_is_one_step(void **state) {
    (void)state;
    static const enum step_kind kinds[] = { STEP_START_MIGRATION, STEP_SYNC,      STEP_HOLD,
                                            STEP_CATCH_UP,        STEP_COMPLETE,  STEP_SWITCH,
                                            STEP_AUDIT,           STEP_KEEP_FENCE };
    AUTO(sight_clear) struct sight sight;
    AUTO(plan_clear) struct plan plan = { 0 };
    sight_init(&sight);
    sight_cluster(&sight, 50, 1);
    make(&sight, PLAN_MIGRATE, &plan);
    for (size_t i = 0; i < COUNT(kinds); i++)
        assert_int_equal(steps_of(&plan, kinds[i]), 1);
    assert_string_equal(step_of(&plan, STEP_PROVE_RIGHTS)->object, "all 100 nodes");
    assert_int_equal(steps_of(&plan, STEP_PROVE_RIGHTS), 1);
}

static void a_cluster_that_is_followed_is_under_way(void **state) {
    (void)state;
    AUTO(sight_clear) struct sight sight;
    AUTO(plan_clear) struct plan plan = { 0 };
    AUTO(plan_clear) struct plan abort = { 0 };
    struct observed_history *history = &sight.observed.history;
    sight_init(&sight);
    sight_cluster(&sight, 3, 1);
    sight_target_exists(&sight);
    for (size_t i = 0; i < 3; i++)
        sight_shard_follows(&sight, i, NULL);
    history->open = true;
    string_replace(&history->last_mode, "migrate");
    string_replace(&history->started_from, "10.20.4.1:6379");
    make(&sight, PLAN_MIGRATE, &plan);
    assert_int_equal(plan.context.findings.count, 0);
    assert_null(step_of(&plan, STEP_START_MIGRATION));
    assert_non_null(strstr(plan.context.target, "3 of 3 shards follow the source"));
    make(&sight, PLAN_ABORT, &abort);
    expect_effect(step_of(&abort, STEP_FORCE_COMPLETE), "target.shard_list[1].role", "slave",
                  "master");
}

/* By the largest shard, and on all nodes alike: any replica may be promoted. */
static void settings_of_a_cluster_are_by_its_largest_shard(void **state) {
    (void)state;
    AUTO(sight_clear) struct sight sight;
    AUTO(plan_clear) struct plan plan = { 0 };
    sight_init(&sight);
    sight_cluster(&sight, 3, 1);
    set_everywhere(&sight, "repl-backlog-size", "1048576");
    sight.observed.source.nodes.items[2].dataset_bytes = (int64_t)30 << 30;
    make(&sight, PLAN_MIGRATE, &plan);
    assert_int_equal(steps_of(&plan, STEP_SOURCE_SETTING), 1);
    const struct plan_step *set = plan_find(&plan, "prepare/set/repl-backlog-size");
    assert_string_equal(set->object, "all 6 nodes");
    assert_int_equal(set->effects.count, 6);
    for (size_t i = 0; i < 6; i++) {
        AUTO(string_free)
        char *field = xasprintf("source.nodes[%zu].settings.repl-backlog-size", i);
        AUTO(string_free) char *address = sight_address(i);
        expect_effect(set, field, "1048576", "2147483648");
        assert_string_equal(plan_effect_node(&plan.core, effect_of(set, field)), address);
    }
}

/* One value to set, and each node's own to give back: a step for each while they are few. */
static void nodes_get_back_what_each_of_them_had(void **state) {
    (void)state;
    AUTO(sight_clear) struct sight sight;
    AUTO(plan_clear) struct plan few = { 0 };
    AUTO(plan_clear) struct plan many = { 0 };
    sight_init(&sight);
    sight_cluster(&sight, 3, 1);
    set_everywhere(&sight, "repl-backlog-size", "1048576");
    pairs_set(&sight.observed.source.nodes.items[4].settings, "repl-backlog-size", "2097152");
    make(&sight, PLAN_MIGRATE, &few);
    expect_effect(plan_find(&few, "prepare/set/repl-backlog-size"),
                  "source.nodes[4].settings.repl-backlog-size", "2097152", "1073741824");
    assert_null(plan_find(&few, "finish/restore/repl-backlog-size"));
    assert_int_equal(steps_of(&few, STEP_RESTORE_SETTING), 2);
    const struct plan_step *most = step_of(&few, STEP_RESTORE_SETTING);
    assert_string_equal(most->object, "5 of 6 nodes (all but 10.20.4.5:6379)");
    assert_string_equal(most[1].object, "10.20.4.5:6379");
    assert_int_equal(strncmp(most[1].key, "finish/restore/repl-backlog-size/", 33), 0);
    expect_effect(&most[1], "source.nodes[4].settings.repl-backlog-size", "1073741824", "2097152");
    for (size_t i = 0; i < 6; i++) {
        AUTO(string_free) char *size = xasprintf("%zu", 1048576 + i);
        pairs_set(&sight.observed.source.nodes.items[i].settings, "repl-backlog-size", size);
    }
    make(&sight, PLAN_MIGRATE, &many);
    assert_int_equal(steps_of(&many, STEP_RESTORE_SETTING), 1);
    expect_effect(plan_find(&many, "finish/restore/repl-backlog-size"),
                  "source.nodes[5].settings.repl-backlog-size", "1073741824", "1048581");
}

static void the_most_that_500_shards_can_need(struct sight *sight) {
    sight_init(sight);
    sight_cluster(sight, 500, 1);
    set_everywhere(sight, "client-output-buffer-limit", SIGHT_DEFAULT_LIMITS);
    set_everywhere(sight, "repl-backlog-size", "1048576");
    set_everywhere(sight, "repl-backlog-ttl", "3600");
    set_everywhere(sight, "repl-timeout", "60");
    set_everywhere(sight, "protected-mode", "yes");
    strings_add(&sight->config.source.manage, "protected-mode");
    strings_add(&sight->config.source.manage, "repl-timeout");
}

static void a_plan_of_500_shards_is_a_document_and_a_page(void **state) {
    (void)state;
    AUTO(sight_clear) struct sight sight;
    AUTO(plan_clear) struct plan plan = { 0 };
    AUTO(plan_clear) struct plan read = { 0 };
    AUTO(error_clear) struct error err = { 0 };
    AUTO(text_clear) struct text page = { 0 };
    AUTO(text_clear) struct text comment = { 0 };
    const struct render_options options = { .words = "orders.yaml" };
    the_most_that_500_shards_can_need(&sight);
    make(&sight, PLAN_MIGRATE, &plan);
    AUTO(string_free) char *document = plan_write(&plan, JSON_CANONICAL);
    assert_int_equal(steps_of(&plan, STEP_SOURCE_SETTING), 5);
    assert_true(plan.core.steps.count < 30);
    assert_true(strlen(document) < 6 * MIB);
    if (!plan_parse(document, strlen(document), &read, &err))
        fail_msg("%s", err.message);
    assert_string_equal(read.digest, plan.digest);
    render_format_find("text")->render(&read, &options, &page);
    render_format_find("markdown")->render(&read, &options, &comment);
    assert_true(page.length < 6000);
    assert_true(comment.length < 8000);
    assert_non_null(strstr(text_string(&page), "protected-mode on all 500 primaries: "));
}

/* Nothing in common: what cannot be folded is cut, and the page stays one for a comment. */
static void a_fleet_of_exceptions_still_fits_in_a_comment(void **state) {
    (void)state;
    AUTO(sight_clear) struct sight sight;
    AUTO(plan_clear) struct plan plan = { 0 };
    AUTO(text_clear) struct text comment = { 0 };
    const struct render_options options = { .words = "orders.yaml" };
    sight_init(&sight);
    sight_cluster(&sight, 500, 1);
    for (size_t i = 0; i < sight.observed.source.nodes.count; i++) {
        struct observed_node *node = &sight.observed.source.nodes.items[i];
        AUTO(string_free) char *size = xasprintf("%zu", 1048576 + i);
        AUTO(string_free) char *version = xasprintf("2.6.%zu", i);
        pairs_set(&node->settings, "repl-backlog-size", size);
        string_replace(&node->version, version);
    }
    make(&sight, PLAN_MIGRATE, &plan);
    render_format_find("markdown")->render(&plan, &options, &comment);
    assert_true(comment.length < 60000);
    assert_non_null(strstr(text_string(&comment), plan.digest));
    assert_non_null(strstr(text_string(&comment), "- ERROR source-version"));
}

static void traffic_on_any_shard_changes_nothing_that_is_hashed(void **state) {
    (void)state;
    AUTO(sight_clear) struct sight sight;
    AUTO(plan_clear) struct plan before = { 0 };
    AUTO(plan_clear) struct plan after = { 0 };
    sight_init(&sight);
    sight_cluster(&sight, 20, 1);
    make(&sight, PLAN_MIGRATE, &before);
    for (size_t i = 0; i < sight.observed.source.nodes.count; i++) {
        sight.observed.source.nodes.items[i].replication_offset += (int64_t)i * 1000;
        sight.observed.source.nodes.items[i].dataset_bytes += (int64_t)i * 1000;
        sight.observed.source.nodes.items[i].databases.items[0].keys += (int64_t)i;
    }
    make(&sight, PLAN_MIGRATE, &after);
    assert_string_equal(before.digest, after.digest);
}

static void sentinel_is_never_held(void **state) {
    (void)state;
    AUTO(sight_clear) struct sight sight;
    AUTO(plan_clear) struct plan plan = { 0 };
    sight_init(&sight);
    sight_sentinel(&sight);
    sight.config.cutover.writes = WRITES_PAUSE;
    make(&sight, PLAN_MIGRATE, &plan);
    assert_null(step_of(&plan, STEP_HOLD));
    assert_non_null(step_of(&plan, STEP_COMPLETE));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_group_gets_the_ranges_of_the_source),
        cmocka_unit_test(a_group_with_other_ranges_is_resharded_by_the_service),
        cmocka_unit_test(slots_are_the_same_however_they_are_written),
        cmocka_unit_test(each_shard_starts_to_follow_its_own_primary),
        cmocka_unit_test(what_all_shards_do_together_is_one_step),
        cmocka_unit_test(a_cluster_that_is_followed_is_under_way),
        cmocka_unit_test(settings_of_a_cluster_are_by_its_largest_shard),
        cmocka_unit_test(nodes_get_back_what_each_of_them_had),
        cmocka_unit_test(a_plan_of_500_shards_is_a_document_and_a_page),
        cmocka_unit_test(a_fleet_of_exceptions_still_fits_in_a_comment),
        cmocka_unit_test(traffic_on_any_shard_changes_nothing_that_is_hashed),
        cmocka_unit_test(sentinel_is_never_held),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
