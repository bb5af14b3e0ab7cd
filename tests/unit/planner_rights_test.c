/* What a plan asks of the account, and what becomes of the answer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "planner/planner.h"
#include "schemas/base/memory.h"
#include "tests/support/sight.h"

#define FOLLOW "elasticache:DescribeEvents, elasticache:DescribeReplicationGroups"

static void expect_requests(const struct sight *sight, enum plan_mode mode, const char *expected) {
    AUTO(strings_clear) struct strings actions = { 0 };
    iam_requests(&sight->config, &sight->observed, mode, &actions);
    AUTO(string_free) char *seen = strings_join(&actions, ", ");
    assert_string_equal(seen, expected);
}

static void a_new_group_needs_its_creation_and_the_migration(void **state) {
    (void)state;
    AUTO(sight_clear) struct sight sight;
    sight_init(&sight);
    expect_requests(&sight, PLAN_MIGRATE,
                    "elasticache:CompleteMigration, elasticache:StartMigration, "
                    "elasticache:TestMigration, elasticache:AddTagsToResource, "
                    "elasticache:CreateReplicationGroup, " FOLLOW);
}

static void a_group_that_is_ready_needs_the_migration_alone(void **state) {
    (void)state;
    AUTO(sight_clear) struct sight sight;
    sight_init(&sight);
    sight_target_exists(&sight);
    sight.config.replication.test = false;
    expect_requests(&sight, PLAN_MIGRATE,
                    "elasticache:CompleteMigration, elasticache:StartMigration, "
                    "elasticache:AddTagsToResource, " FOLLOW);
    string_replace(&sight.observed.target.node_type, "cache.r7g.large");
    expect_requests(&sight, PLAN_MIGRATE,
                    "elasticache:CompleteMigration, elasticache:StartMigration, "
                    "elasticache:AddTagsToResource, elasticache:ModifyReplicationGroup, " FOLLOW);
}

static void what_is_done_needs_nothing_more(void **state) {
    (void)state;
    AUTO(sight_clear) struct sight sight;
    AUTO(sight_clear) struct sight finished;
    sight_init(&sight);
    sight_target_follows(&sight);
    expect_requests(&sight, PLAN_MIGRATE, "elasticache:CompleteMigration, " FOLLOW);
    expect_requests(&sight, PLAN_ABORT, "elasticache:CompleteMigration, " FOLLOW);
    sight_init(&finished);
    sight_finished(&finished);
    expect_requests(&finished, PLAN_MIGRATE, "");
    sight_source(&sight)->reachable = false;
    expect_requests(&sight, PLAN_MIGRATE, "");
}

/* A role that only reads makes plans; another applies them. */
static void who_asks_does_not_change_the_digest(void **state) {
    (void)state;
    AUTO(sight_clear) struct sight sight;
    AUTO(plan_clear) struct plan allowed = { 0 };
    AUTO(plan_clear) struct plan denied = { 0 };
    AUTO(plan_clear) struct plan unknown = { 0 };
    AUTO(error_clear) struct error err = { 0 };
    sight_init(&sight);
    sight_waive(&sight, "target-permissions", "the role that plans only reads");
    assert_true(planner_plan(&sight.config, &sight.observed, PLAN_MIGRATE, &allowed, &err));
    assert_int_equal(allowed.context.findings.count, 0);
    strings_add(&sight.observed.target.denied_actions, "elasticache:StartMigration");
    assert_true(planner_plan(&sight.config, &sight.observed, PLAN_MIGRATE, &denied, &err));
    assert_int_equal(denied.context.findings.count, 1);
    assert_string_equal(denied.context.findings.items[0].waived_by,
                        "the role that plans only reads");
    assert_true(denied.context.applyable);
    assert_string_equal(denied.digest, allowed.digest);
    strings_clear(&sight.observed.target.denied_actions);
    string_replace(&sight.observed.target.rights_problem, "no way to IAM");
    assert_true(planner_plan(&sight.config, &sight.observed, PLAN_MIGRATE, &unknown, &err));
    assert_string_equal(unknown.digest, allowed.digest);
}

/* IAM may err, and an abort must not be the one to suffer. */
static void an_abort_is_told_and_not_stopped(void **state) {
    (void)state;
    AUTO(sight_clear) struct sight sight;
    AUTO(plan_clear) struct plan plan = { 0 };
    AUTO(error_clear) struct error err = { 0 };
    sight_init(&sight);
    sight_target_follows(&sight);
    strings_add(&sight.observed.target.denied_actions, "elasticache:CompleteMigration");
    assert_true(planner_plan(&sight.config, &sight.observed, PLAN_ABORT, &plan, &err));
    assert_int_equal(plan.context.findings.count, 1);
    assert_int_equal(plan.context.findings.items[0].severity, SEVERITY_WARNING);
    assert_true(plan.context.applyable);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_group_needs_its_creation_and_the_migration),
        cmocka_unit_test(a_group_that_is_ready_needs_the_migration_alone),
        cmocka_unit_test(what_is_done_needs_nothing_more),
        cmocka_unit_test(who_asks_does_not_change_the_digest),
        cmocka_unit_test(an_abort_is_told_and_not_stopped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
