/* What giving a migration up needs, at every place where it may stand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "planner/planner.h"
#include "schemas/base/memory.h"
#include "tests/support/golden.h"
#include "tests/support/sight.h"

#define RESTORE "finish/restore/repl-timeout"

static void make(const struct sight *sight, struct plan *plan) {
    AUTO(error_clear) struct error err = { 0 };
    assert_true(planner_plan(&sight->config, &sight->observed, PLAN_ABORT, plan, &err));
}

/* The keys of the steps, and whether the plan may be applied. */
static void expect_steps(const struct sight *sight, const char *expected, bool applyable) {
    AUTO(plan_clear) struct plan plan = { 0 };
    AUTO(strings_clear) struct strings keys = { 0 };
    make(sight, &plan);
    for (size_t i = 0; i < plan.core.steps.count; i++) {
        strings_add(&keys, plan.core.steps.items[i].key);
        assert_int_equal(plan.core.steps.items[i].client_impact, IMPACT_NONE);
    }
    AUTO(string_free) char *joined = strings_join(&keys, " ");
    assert_string_equal(joined, expected);
    assert_int_equal(plan.context.applyable, applyable);
    assert_null(plan.core.point_of_no_return);
}

static void expect_page(const struct sight *sight, const char *name) {
    AUTO(plan_clear) struct plan plan = { 0 };
    make(sight, &plan);
    golden_expect(&plan, name);
}

static void expect_finding(const struct sight *sight, const char *id, enum severity severity) {
    AUTO(plan_clear) struct plan plan = { 0 };
    make(sight, &plan);
    for (size_t i = 0; i < plan.context.findings.count; i++) {
        if (strcmp(plan.context.findings.items[i].id, id) == 0) {
            assert_int_equal(plan.context.findings.items[i].severity, severity);
            return;
        }
    }
    fail_msg("%s is not found", id);
}

static void without_a_migration_there_is_nothing_to_abort(void **state) {
    (void)state;
    AUTO(sight_clear) struct sight sight;
    AUTO(plan_clear) struct plan plan = { 0 };
    sight_init(&sight);
    sight_target_exists(&sight);
    expect_steps(&sight, "", true);
    make(&sight, &plan);
    assert_non_null(strstr(plan.context.summary, "NOTHING TO ABORT"));
}

static void an_open_run_that_did_nothing_is_given_up_without_a_step(void **state) {
    (void)state;
    AUTO(sight_clear) struct sight sight;
    AUTO(plan_clear) struct plan plan = { 0 };
    sight_init(&sight);
    sight.observed.history.open = true;
    string_replace(&sight.observed.history.last_mode, "migrate");
    expect_steps(&sight, "", true);
    make(&sight, &plan);
    assert_non_null(strstr(plan.context.summary, "READY TO APPROVE"));
}

static void a_start_that_shows_nowhere_yet_is_ended_as_well(void **state) {
    (void)state;
    AUTO(sight_clear) struct sight sight;
    sight_init(&sight);
    sight_target_follows(&sight);
    string_replace(&sight.observed.target.status, "modifying");
    string_replace(&sight.observed.target.role, "master");
    string_replace(&sight.observed.target.replicates_from, NULL);
    expect_steps(&sight, "abort/force", true);
    expect_page(&sight, "abort-started");
}

static void at_the_gate_replication_is_ended_and_settings_are_given_back(void **state) {
    (void)state;
    AUTO(sight_clear) struct sight sight;
    sight_init(&sight);
    sight_target_follows(&sight);
    pairs_set(&sight.observed.history.settings_before, SIGHT_SOURCE " repl-timeout", "60");
    expect_steps(&sight, "abort/force " RESTORE, true);
    expect_page(&sight, "abort-at-gate");
}

static void before_sending_the_fence_is_lifted_first(void **state) {
    (void)state;
    AUTO(sight_clear) struct sight sight;
    sight_init(&sight);
    sight_section_open(&sight, "intent");
    expect_steps(&sight, "abort/lift abort/force " RESTORE, true);
    expect_page(&sight, "abort-fenced");
}

static void from_sending_on_the_fence_is_lifted_last(void **state) {
    (void)state;
    AUTO(sight_clear) struct sight sight;
    sight_init(&sight);
    sight_section_open(&sight, "sending");
    expect_steps(&sight, "abort/force abort/lift " RESTORE, true);
    expect_page(&sight, "abort-sent");
    string_replace(&sight.observed.history.cutover, "sent");
    expect_steps(&sight, "abort/force abort/lift " RESTORE, true);
}

static void a_target_that_is_promoted_already_is_given_up_too(void **state) {
    (void)state;
    AUTO(sight_clear) struct sight sight;
    AUTO(plan_clear) struct plan plan = { 0 };
    sight_init(&sight);
    sight_section_open(&sight, "confirmed");
    expect_steps(&sight, "abort/force abort/lift " RESTORE, true);
    make(&sight, &plan);
    assert_int_equal(plan_find(&plan, "abort/force")->effects.count, 0);
}

static void after_the_switch_it_is_too_late(void **state) {
    (void)state;
    AUTO(sight_clear) struct sight sight;
    AUTO(sight_clear) struct sight finished;
    sight_init(&sight);
    sight_section_open(&sight, "switch_started");
    expect_steps(&sight, "", false);
    expect_finding(&sight, "abort-too-late", SEVERITY_ERROR);
    expect_page(&sight, "abort-too-late");
    sight_init(&finished);
    sight_finished(&finished);
    expect_steps(&finished, "", false);
    expect_finding(&finished, "abort-too-late", SEVERITY_ERROR);
}

static void lifting_gives_each_node_the_value_from_before_the_fence(void **state) {
    (void)state;
    AUTO(sight_clear) struct sight sight;
    AUTO(plan_clear) struct plan plan = { 0 };
    sight_init(&sight);
    sight_section_open(&sight, "intent");
    pairs_set(&sight.observed.history.fence_before, SIGHT_REPLICA " write", "1");
    sight_set(&sight, "min-replicas-to-write", "0"); /* the fencing was interrupted */
    make(&sight, &plan);
    const struct plan_step *lift = plan_find(&plan, "abort/lift");
    assert_int_equal(lift->effects.count, 1);
    assert_string_equal(lift->effects.items[0].field,
                        "source.nodes[1].settings.min-replicas-to-write");
    assert_string_equal(lift->effects.items[0].before, "1500000000");
    assert_string_equal(lift->effects.items[0].after, "1");
}

/* What an open abort has done is not in the history any more. */
static void an_open_abort_has_only_the_rest_to_do(void **state) {
    (void)state;
    AUTO(sight_clear) struct sight sight;
    AUTO(plan_clear) struct plan plan = { 0 };
    AUTO(plan_clear) struct plan migrate = { 0 };
    AUTO(text_clear) struct text page = { 0 };
    AUTO(error_clear) struct error err = { 0 };
    const struct render_options options = { .words = "orders.yaml" };
    sight_init(&sight);
    sight_target_exists(&sight);
    sight.observed.history.open = true;
    string_replace(&sight.observed.history.last_run, "20261122T111500Z-aaaa");
    string_replace(&sight.observed.history.last_mode, "abort");
    pairs_set(&sight.observed.history.settings_before, SIGHT_SOURCE " repl-timeout", "60");
    expect_steps(&sight, RESTORE, true);
    make(&sight, &plan);
    assert_non_null(strstr(plan.context.summary, "UNDER WAY"));
    assert_true(planner_plan(&sight.config, &sight.observed, PLAN_MIGRATE, &migrate, &err));
    render_format_find("text")->render(&migrate, &options, &page);
    assert_non_null(strstr(text_string(&page), "ecmig abort orders.yaml\n"));
}

static void only_what_matters_to_an_abort_is_checked(void **state) {
    (void)state;
    AUTO(sight_clear) struct sight sight;
    sight_init(&sight);
    sight_target_follows(&sight);
    sight_source(&sight)->password_required = true;
    sight.observed.target.transit_encryption = true;
    sight_waive(&sight, "no-such-finding", "never used");
    sight_set(&sight, "repl-backlog-size", "1048576");
    expect_steps(&sight, "abort/force", true);
    sight_set(&sight, "min-replicas-to-write", "1073741825");
    expect_finding(&sight, "fence-standing", SEVERITY_WARNING);
    expect_steps(&sight, "abort/force", true);
    sight_source(&sight)->config_readable = false;
    expect_finding(&sight, "source-config-readable", SEVERITY_ERROR);
}

static void an_open_run_is_given_up_without_the_source(void **state) {
    (void)state;
    AUTO(sight_clear) struct sight sight;
    sight_init(&sight);
    sight_target_follows(&sight);
    sight_source(&sight)->reachable = false;
    sight.observed.history.open = true;
    expect_finding(&sight, "source-reachable", SEVERITY_WARNING);
    expect_steps(&sight, "abort/force", true);
    sight.observed.history.open = false;
    expect_finding(&sight, "source-reachable", SEVERITY_ERROR);
    expect_steps(&sight, "", false);
}

static void somebody_elses_migration_is_not_aborted(void **state) {
    (void)state;
    AUTO(sight_clear) struct sight sight;
    sight_init(&sight);
    sight_target_exists(&sight);
    string_replace(&sight.observed.target.replicates_from, "10.77.0.1:6379");
    expect_finding(&sight, "target-other-source", SEVERITY_ERROR);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_migration_there_is_nothing_to_abort),
        cmocka_unit_test(an_open_run_that_did_nothing_is_given_up_without_a_step),
        cmocka_unit_test(a_start_that_shows_nowhere_yet_is_ended_as_well),
        cmocka_unit_test(at_the_gate_replication_is_ended_and_settings_are_given_back),
        cmocka_unit_test(before_sending_the_fence_is_lifted_first),
        cmocka_unit_test(from_sending_on_the_fence_is_lifted_last),
        cmocka_unit_test(a_target_that_is_promoted_already_is_given_up_too),
        cmocka_unit_test(after_the_switch_it_is_too_late),
        cmocka_unit_test(lifting_gives_each_node_the_value_from_before_the_fence),
        cmocka_unit_test(an_open_abort_has_only_the_rest_to_do),
        cmocka_unit_test(only_what_matters_to_an_abort_is_checked),
        cmocka_unit_test(an_open_run_is_given_up_without_the_source),
        cmocka_unit_test(somebody_elses_migration_is_not_aborted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
