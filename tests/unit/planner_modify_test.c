/* A group that exists and is not as the file says: what becomes a step, and what a finding. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "planner/modify.h"
#include "planner/planner.h"
#include "planner/sequence.h"
#include "schemas/base/memory.h"
#include "schemas/observed/properties.h"
#include "tests/support/golden.h"
#include "tests/support/sight.h"

static void make(const struct sight *sight, struct plan *plan) {
    AUTO(error_clear) struct error err = { 0 };
    assert_true(planner_plan(&sight->config, &sight->observed, PLAN_MIGRATE, plan, &err));
}

/* In six fields. */
static void differ(struct sight *sight) {
    struct config_target *wanted = &sight->config.target;
    struct observed_target *seen = &sight->observed.target;
    sight_init(sight);
    sight_target_exists(sight);
    string_replace(&seen->node_type, "cache.r7g.large");
    string_replace(&seen->multi_az, "disabled");
    string_replace(&seen->parameter_group, "default.valkey8");
    pairs_set(&seen->parameters, "maxmemory-policy", "volatile-lru");
    strings_add(&seen->security_groups, "sg-1");
    strings_add(&wanted->security_groups, "sg-2");
    string_replace(&seen->snapshot_window, "02:00-03:00");
    string_replace(&wanted->snapshot_window, "12:00-13:00");
    pairs_set(&wanted->tags, "team", "orders");
}

/* Between two states the nodes of a group are not told: no number is made of that. */
static void a_group_that_is_being_created_has_no_number_of_replicas(void **state) {
    (void)state;
    for (int64_t shards = 0; shards < 2; shards++) {
        AUTO(plan_clear) struct plan plan = { 0 };
        struct sight sight;
        sight_init(&sight);
        sight_target_exists(&sight);
        string_replace(&sight.observed.target.status, "creating");
        sight.observed.target.shards = shards;
        sight.observed.target.replicas_per_shard = SHAPE_UNSET;
        make(&sight, &plan);
        assert_non_null(strstr(plan.context.target, "creating; its nodes are not known yet"));
        AUTO(string_free) char *written = plan_write(&plan, JSON_PRETTY);
        assert_null(strstr(written, "-9223372036854775808"));
        assert_null(strstr(written, "replicas_per_shard is"));
        assert_null(strstr(written, "shards is"));
        sight_clear(&sight);
    }
}

static size_t count_findings(const struct plan *plan, const char *id) {
    size_t count = 0;
    for (size_t i = 0; i < plan->core.findings.count; i++)
        count += strcmp(plan->core.findings.items[i].id, id) == 0;
    return count;
}

static const char *effect_of(const struct plan_step *step, const char *field) {
    for (size_t i = 0; i < step->effects.count; i++)
        if (strcmp(step->effects.items[i].field, field) == 0)
            return step->effects.items[i].after;
    return NULL;
}

static void six_differences_become_two_steps(void **state) {
    (void)state;
    AUTO(sight_clear) struct sight sight;
    AUTO(plan_clear) struct plan plan = { 0 };
    differ(&sight);
    make(&sight, &plan);
    const struct plan_step *modify = sequence_step(&plan.core, STEP_MODIFY_GROUP);
    const struct plan_step *tags = sequence_step(&plan.core, STEP_TAG_GROUP);
    assert_non_null(modify);
    assert_int_equal(modify->effects.count, 6);
    assert_string_equal(effect_of(modify, "target.parameter_group"), "orders-prod-ecmig");
    assert_string_equal(effect_of(modify, "target.node_type"), "cache.r7g.4xlarge");
    assert_string_equal(effect_of(modify, "target.multi_az"), "enabled");
    assert_string_equal(effect_of(modify, "target.security_groups"), "sg-2");
    assert_string_equal(effect_of(modify, "target.snapshot_window"), "12:00-13:00");
    assert_string_equal(effect_of(modify, "target.parameters.maxmemory-policy"), "noeviction");
    assert_int_equal(tags->effects.count, 1);
    assert_string_equal(effect_of(tags, "target.tags.team"), "orders");
    assert_int_equal(count_findings(&plan, "target-differs"), 0);
    assert_int_equal(count_findings(&plan, "target-multi-az"), 0);
    assert_int_equal(count_findings(&plan, "target-eviction"), 0);
    assert_true(plan.context.applyable);
    golden_expect(&plan, "plan-modify");
}

/* Of each row of target_properties.def another value than the group has: `text`, 5, yes or a list.
 */
static void want(const struct target_property *property, struct sight *sight) {
    void *wanted = (char *)&sight->config.target + property->wanted;
    switch (property->type) {
    case PROPERTY_TEXT:
        string_replace(wanted, "99.0");
        return;
    case PROPERTY_NUMBER:
        *(int64_t *)wanted = 5;
        return;
    case PROPERTY_SWITCH:
        *(enum tri *)wanted = TRI_YES;
        return;
    case PROPERTY_LIST:
        strings_clear(wanted);
        strings_add(wanted, "99.0");
        return;
    }
}

static const char *told(const struct target_property *property) {
    return property->type == PROPERTY_NUMBER   ? "5"
           : property->type == PROPERTY_SWITCH ? "enabled"
                                               : "99.0";
}

static void every_property_is_compared_and_is_a_step_or_a_finding(void **state) {
    (void)state;
    const struct target_property *property;
    size_t steps = 0, findings = 0;
    for (size_t i = 0; (property = property_at(i)); i++) {
        AUTO(sight_clear) struct sight sight;
        AUTO(differences_clear) struct differences found = { 0 };
        sight_init(&sight);
        sight_target_exists(&sight);
        string_replace(&sight.observed.target.multi_az, "disabled");
        sight.config.target.multi_az = TRI_UNSET;
        want(property, &sight);
        diff_target(&sight.config.target, &sight.observed.target, &found);
        assert_int_equal(found.count, 1);
        assert_string_equal(found.items[0].field, property->name);
        assert_string_equal(found.items[0].wanted, told(property));
        struct situation now;
        situation_read(&sight.config, &sight.observed, PLAN_MIGRATE, &now);
        bool changes = !modify_obstacle(&now, &found.items[0]);
        assert_true(changes == !property->fixed);
        steps += changes;
        findings += !changes;
    }
    print_message("%zu properties by a step, %zu as a finding\n", steps, findings);
    assert_true(steps && findings);
}

static void every_property_of_a_new_group_is_an_effect(void **state) {
    (void)state;
    const struct target_property *property;
    for (size_t i = 0; (property = property_at(i)); i++) {
        AUTO(sight_clear) struct sight sight;
        AUTO(plan_clear) struct plan plan = { 0 };
        sight_init(&sight);
        want(property, &sight);
        make(&sight, &plan);
        bool is_list = property->type == PROPERTY_LIST;
        AUTO(string_free)
        char *field = xasprintf("target.%s%s", property->name, is_list ? "[0]" : "");
        const struct plan_step *create = sequence_step(&plan.core, STEP_CREATE_GROUP);
        assert_string_equal(effect_of(create, field), told(property));
    }
}

/* Nothing that the file wants of a new group is left to a later change of it. */
static void a_group_is_created_with_its_snapshot_window(void **state) {
    (void)state;
    AUTO(sight_clear) struct sight sight;
    AUTO(plan_clear) struct plan plan = { 0 };
    sight_init(&sight);
    string_replace(&sight.config.target.snapshot_window, "12:00-13:00");
    make(&sight, &plan);
    assert_string_equal(
        effect_of(sequence_step(&plan.core, STEP_CREATE_GROUP), "target.snapshot_window"),
        "12:00-13:00");
}

/* Multi-AZ needs one, so they come first. */
static void replicas_are_added_and_never_removed(void **state) {
    (void)state;
    AUTO(sight_clear) struct sight sight;
    AUTO(plan_clear) struct plan plan = { 0 }, fewer = { 0 }, managed = { 0 };
    differ(&sight);
    sight.observed.target.replicas_per_shard = 0;
    make(&sight, &plan);
    const struct plan_step *replicas = sequence_step(&plan.core, STEP_ADD_REPLICAS);
    assert_non_null(replicas);
    assert_int_equal(replicas->effects.count, 1);
    assert_string_equal(effect_of(replicas, "target.replicas_per_shard"), "2");
    assert_string_equal(replicas->reason,
                        "add replicas to orders-prod: replicas_per_shard \"0\" -> \"2\"");
    assert_ptr_equal(replicas + 1, sequence_step(&plan.core, STEP_MODIFY_GROUP));
    assert_int_equal(count_findings(&plan, "target-differs"), 0);
    assert_int_equal(count_findings(&plan, "target-multi-az"), 0);
    assert_true(plan.context.applyable);
    sight.observed.target.replicas_per_shard = 3;
    make(&sight, &fewer);
    assert_null(sequence_step(&fewer.core, STEP_ADD_REPLICAS));
    assert_int_equal(count_findings(&fewer, "target-differs"), 1);
    sight.observed.target.replicas_per_shard = 1;
    string_replace(&sight.config.target.managed_by, "terraform");
    make(&sight, &managed);
    assert_null(sequence_step(&managed.core, STEP_ADD_REPLICAS));
}

static void a_newer_engine_version_is_a_step_an_older_one_is_not(void **state) {
    (void)state;
    AUTO(sight_clear) struct sight sight;
    AUTO(plan_clear) struct plan newer = { 0 }, older = { 0 };
    sight_init(&sight);
    sight_target_exists(&sight);
    string_replace(&sight.config.target.engine_version, "8.1");
    make(&sight, &newer);
    const struct plan_step *modify = sequence_step(&newer.core, STEP_MODIFY_GROUP);
    assert_string_equal(effect_of(modify, "target.engine_version"), "8.1");
    string_replace(&sight.config.target.engine_version, "7.2");
    make(&sight, &older);
    assert_null(sequence_step(&older.core, STEP_MODIFY_GROUP));
    assert_int_equal(count_findings(&older, "target-differs"), 1);
}

/* What a step upgrades first is judged as it will be. */
static void a_group_is_judged_by_the_version_that_it_gets(void **state) {
    (void)state;
    AUTO(sight_clear) struct sight sight;
    AUTO(plan_clear) struct plan upgraded = { 0 }, left = { 0 };
    struct config_target *wanted = &sight.config.target;
    sight_init(&sight);
    sight_target_exists(&sight);
    string_replace(&sight.observed.target.engine, "redis");
    string_replace(&sight.observed.target.engine_version, "5.0.5");
    string_replace(&wanted->engine, "redis");
    string_replace(&wanted->engine_version, "7.0");
    string_replace(&wanted->tls_after_cutover, "preferred");
    strings_add(&sight.observed.target.offered_versions, "7.0.7");
    string_replace(&wanted->node_type, sight.observed.target.node_type);
    sight_source(&sight)->functions = 1;
    make(&sight, &upgraded);
    assert_non_null(sequence_step(&upgraded.core, STEP_MODIFY_GROUP));
    assert_non_null(sequence_step(&upgraded.core, STEP_ENCRYPT_TARGET));
    assert_int_equal(count_findings(&upgraded, "source-rdb-version"), 0);
    assert_int_equal(count_findings(&upgraded, "source-functions"), 0);
    assert_int_equal(count_findings(&upgraded, "target-engine-version"), 0);
    assert_true(upgraded.context.applyable);
    string_replace(&wanted->managed_by, "terraform"); /* no step, then */
    make(&sight, &left);
    assert_int_equal(count_findings(&left, "source-rdb-version"), 1);
    assert_int_equal(count_findings(&left, "source-functions"), 1);
    assert_int_equal(count_findings(&left, "target-engine-version"), 1);
}

static size_t count_remedied(bool exists, bool remedied) {
    AUTO(sight_clear) struct sight sight;
    AUTO(plan_clear) struct plan plan = { 0 };
    struct observed_target *seen = &sight.observed.target;
    sight_init(&sight);
    if (exists)
        sight_target_exists(&sight);
    string_replace(&seen->parameter_group, "default.valkey8");
    string_replace(&seen->snapshot_window, "02:00-03:00");
    seen->snapshot_retention_days = exists;
    pairs_set(&seen->parameters, "timeout", "0");
    sight_set(&sight, "timeout", "300");
    sight_window(&sight, "02:00", "04:00", "UTC");
    if (remedied) {
        pairs_set(&sight.config.target.parameters, "timeout", "300");
        string_replace(&sight.config.target.snapshot_window, "12:00-13:00");
    }
    make(&sight, &plan);
    size_t warnings = 0;
    for (size_t i = 0; i < plan.context.findings.count; i++)
        warnings += plan.context.findings.items[i].severity == SEVERITY_WARNING;
    return count_findings(&plan, "target-limits") + warnings;
}

/* What a remedy tells to write into the file ends the finding, before the step has run. */
static void a_remedy_in_the_file_is_seen_at_once(void **state) {
    (void)state;
    assert_int_equal(count_remedied(false, false), 1);
    assert_int_equal(count_remedied(true, false), 2);
    assert_int_equal(count_remedied(false, true), 0);
    assert_int_equal(count_remedied(true, true), 0);
}

static void a_group_of_another_tool_gets_findings_instead(void **state) {
    (void)state;
    AUTO(sight_clear) struct sight sight;
    AUTO(plan_clear) struct plan plan = { 0 };
    differ(&sight);
    string_replace(&sight.config.target.managed_by, "terraform");
    make(&sight, &plan);
    assert_null(sequence_step(&plan.core, STEP_MODIFY_GROUP));
    assert_null(sequence_step(&plan.core, STEP_TAG_GROUP));
    assert_int_equal(count_findings(&plan, "target-differs"), 6);
    assert_false(plan.context.applyable);
    golden_expect(&plan, "plan-managed");
}

static void a_group_of_another_tool_is_not_created(void **state) {
    (void)state;
    AUTO(sight_clear) struct sight sight;
    AUTO(plan_clear) struct plan plan = { 0 };
    sight_init(&sight);
    string_replace(&sight.config.target.managed_by, "terraform");
    make(&sight, &plan);
    assert_null(sequence_step(&plan.core, STEP_CREATE_GROUP));
    assert_int_equal(count_findings(&plan, "target-missing"), 1);
    assert_null(strstr(plan.context.target, "will be created"));
    assert_false(plan.context.applyable);
}

static void a_group_that_is_busy_or_follows_is_not_changed(void **state) {
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        AUTO(sight_clear) struct sight sight;
        AUTO(plan_clear) struct plan plan = { 0 };
        differ(&sight);
        if (i == 0)
            string_replace(&sight.observed.target.status, "modifying");
        else
            string_replace(&sight.observed.target.replicates_from, "10.9.9.9:6379");
        make(&sight, &plan);
        assert_null(sequence_step(&plan.core, STEP_MODIFY_GROUP));
        assert_int_equal(count_findings(&plan, "target-differs"), 6);
        assert_false(plan.context.applyable);
    }
}

/* So that the target can be fenced later; from then on there is nothing to change. */
static void a_group_with_default_parameters_gets_its_own(void **state) {
    (void)state;
    AUTO(sight_clear) struct sight sight;
    AUTO(plan_clear) struct plan plan = { 0 }, again = { 0 };
    sight_init(&sight);
    sight_target_exists(&sight);
    string_replace(&sight.observed.target.parameter_group, "default.valkey8");
    make(&sight, &plan);
    const struct plan_step *modify = sequence_step(&plan.core, STEP_MODIFY_GROUP);
    assert_non_null(modify);
    assert_int_equal(modify->effects.count, 1);
    assert_string_equal(effect_of(modify, "target.parameter_group"), "orders-prod-ecmig");
    assert_int_equal(count_findings(&plan, "target-default-parameters"), 0);
    string_replace(&sight.observed.target.parameter_group, "orders-prod-ecmig");
    make(&sight, &again);
    assert_null(sequence_step(&again.core, STEP_MODIFY_GROUP));
}

static void a_parameter_group_of_others_is_left_alone(void **state) {
    (void)state;
    AUTO(sight_clear) struct sight sight;
    AUTO(plan_clear) struct plan plan = { 0 };
    differ(&sight);
    string_replace(&sight.observed.target.parameter_group, "shared-by-all");
    make(&sight, &plan);
    assert_int_equal(sequence_step(&plan.core, STEP_MODIFY_GROUP)->effects.count, 4);
    assert_int_equal(count_findings(&plan, "target-differs"), 1);
    assert_int_equal(count_findings(&plan, "target-eviction"), 1);
    assert_false(plan.context.applyable);
}

static void tls_comes_last_where_the_engine_has_it(void **state) {
    (void)state;
    AUTO(sight_clear) struct sight sight;
    AUTO(plan_clear) struct plan plan = { 0 }, preferred = { 0 }, old = { 0 };
    sight_init(&sight);
    string_replace(&sight.config.target.tls_after_cutover, "required");
    make(&sight, &plan);
    const struct plan_step *last = &plan.core.steps.items[plan.core.steps.count - 1];
    size_t found = 0;
    bool completed = false;
    for (size_t i = 0; i < plan.core.steps.count; i++) {
        const struct plan_step *step = &plan.core.steps.items[i];
        completed |= step->kind == STEP_PROBE_TARGET;
        assert_true(step->kind != STEP_ENCRYPT_TARGET || completed);
        found += step->kind == STEP_ENCRYPT_TARGET;
    }
    assert_int_equal(found, 2);
    assert_int_equal(last->kind, STEP_ENCRYPT_TARGET);
    assert_int_equal(last[-1].kind, STEP_GATE);
    string_replace(&sight.config.target.tls_after_cutover, "preferred");
    make(&sight, &preferred);
    assert_int_equal(preferred.core.steps.count, plan.core.steps.count - 2);
    string_replace(&sight.config.target.engine, "redis");
    string_replace(&sight.config.target.engine_version, "6.2");
    make(&sight, &old);
    assert_null(sequence_step(&old.core, STEP_ENCRYPT_TARGET));
    assert_int_equal(count_findings(&old, "target-tls-later"), 1);
    plan_clear(&preferred);
    plan_clear(&old);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_group_that_is_being_created_has_no_number_of_replicas),
        cmocka_unit_test(six_differences_become_two_steps),
        cmocka_unit_test(every_property_is_compared_and_is_a_step_or_a_finding),
        cmocka_unit_test(every_property_of_a_new_group_is_an_effect),
        cmocka_unit_test(a_group_is_created_with_its_snapshot_window),
        cmocka_unit_test(replicas_are_added_and_never_removed),
        cmocka_unit_test(a_newer_engine_version_is_a_step_an_older_one_is_not),
        cmocka_unit_test(a_group_is_judged_by_the_version_that_it_gets),
        cmocka_unit_test(a_remedy_in_the_file_is_seen_at_once),
        cmocka_unit_test(a_group_of_another_tool_gets_findings_instead),
        cmocka_unit_test(a_group_of_another_tool_is_not_created),
        cmocka_unit_test(a_group_that_is_busy_or_follows_is_not_changed),
        cmocka_unit_test(a_group_with_default_parameters_gets_its_own),
        cmocka_unit_test(a_parameter_group_of_others_is_left_alone),
        cmocka_unit_test(tls_comes_last_where_the_engine_has_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
