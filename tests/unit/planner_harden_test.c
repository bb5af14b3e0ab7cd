/* A group with TLS, users, a token, durability: what is taken away, brought back, given back. */
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

static void make(const struct sight *sight, enum plan_mode mode, struct plan *plan) {
    AUTO(error_clear) struct error err = { 0 };
    assert_true(planner_plan(&sight->config, &sight->observed, mode, plan, &err));
}

static bool is_of_target(const char *key) {
    return strstr(key, "tls-") || strstr(key, "auth") || strstr(key, "token") ||
           strstr(key, "durability") || strcmp(key, "gate/harden") == 0 ||
           strcmp(key, "finish/modify") == 0;
}

/* The keys of the steps that change how the group is protected. */
static void expect(const struct sight *sight, enum plan_mode mode, const char *keys) {
    AUTO(plan_clear) struct plan plan = { 0 };
    AUTO(strings_clear) struct strings found = { 0 };
    AUTO(error_clear) struct error err = { 0 };
    AUTO(plan_clear) struct plan read = { 0 };
    make(sight, mode, &plan);
    for (size_t i = 0; i < plan.core.steps.count; i++)
        if (is_of_target(plan.core.steps.items[i].key))
            strings_add(&found, plan.core.steps.items[i].key);
    AUTO(string_free) char *joined = strings_join(&found, " ");
    assert_string_equal(joined, keys);
    AUTO(string_free) char *document = plan_write(&plan, JSON_CANONICAL);
    assert_true(plan_parse(document, strlen(document), &read, &err));
}

static size_t count_findings(const struct sight *sight, const char *id, const char *words) {
    AUTO(plan_clear) struct plan plan = { 0 };
    make(sight, sight->observed.history.open ? PLAN_ABORT : PLAN_MIGRATE, &plan);
    size_t count = 0;
    for (size_t i = 0; i < plan.context.findings.count; i++) {
        const struct plan_note *note = &plan.context.findings.items[i];
        count += strcmp(note->id, id) == 0 && note->remedy && strstr(note->remedy, words);
    }
    return count;
}

static void encrypt(struct sight *sight, const char *mode) {
    sight_init(sight);
    sight_target_exists(sight);
    sight->observed.target.transit_encryption = true;
    string_replace(&sight->observed.target.transit_mode, mode);
}

static void tls_goes_and_comes_one_mode_at_a_time(void **state) {
    (void)state;
    AUTO(sight_clear) struct sight sight;
    encrypt(&sight, "required");
    string_replace(&sight.config.target.after_cutover.transit_encryption, "required");
    expect(&sight, PLAN_MIGRATE,
           "prepare/tls-preferred prepare/tls-off finish/tls-preferred gate/harden "
           "finish/tls-required");
    string_replace(&sight.observed.target.transit_mode, NULL); /* older than the modes */
    expect(&sight, PLAN_MIGRATE,
           "prepare/tls-preferred prepare/tls-off finish/tls-preferred gate/harden "
           "finish/tls-required");
    string_replace(&sight.observed.target.transit_mode, "preferred");
    string_replace(&sight.config.target.after_cutover.transit_encryption, "preferred");
    expect(&sight, PLAN_MIGRATE, "prepare/tls-off finish/tls-preferred");
    string_replace(&sight.config.target.after_cutover.transit_encryption, NULL);
    string_replace(&sight.config.target.tls_after_cutover, "preferred"); /* the older key */
    expect(&sight, PLAN_MIGRATE, "prepare/tls-off finish/tls-preferred");
}

/* The remedy gives the lines that make the plan ready. */
static void what_the_file_does_not_bring_back_is_not_taken_away(void **state) {
    (void)state;
    AUTO(sight_clear) struct sight sight;
    encrypt(&sight, "required");
    expect(&sight, PLAN_MIGRATE, "");
    assert_int_equal(count_findings(&sight, "target-transit-encryption",
                                    "after_cutover: {transit_encryption: required}"),
                     1);
    string_replace(&sight.config.target.after_cutover.transit_encryption, "required");
    sight.observed.target.auth = true;
    strings_add(&sight.observed.target.user_groups, "app-users");
    string_replace(&sight.observed.target.durability, "async");
    expect(&sight, PLAN_MIGRATE, "");
    assert_int_equal(count_findings(&sight, "target-auth", "user_group: app-users"), 1);
    assert_int_equal(count_findings(&sight, "target-durability", "durability: async"), 1);
    string_replace(&sight.config.target.after_cutover.user_group, "app-users");
    assert_int_equal(count_findings(&sight, "target-auth", ""), 0);
    assert_int_equal(count_findings(&sight, "target-transit-encryption", "target-durability"), 1);
}

static void each_goes_before_what_it_needs_and_comes_after_it(void **state) {
    (void)state;
    AUTO(sight_clear) struct sight sight;
    encrypt(&sight, "required");
    struct config_after_cutover *after = &sight.config.target.after_cutover;
    sight.observed.target.auth = true;
    strings_add(&sight.observed.target.user_groups, "app-users");
    string_replace(&after->transit_encryption, "required");
    string_replace(&after->user_group, "new-users");
    string_replace(&after->node_type, "cache.r7g.8xlarge");
    after->snapshot_retention_days = 7;
    expect(&sight, PLAN_MIGRATE,
           "prepare/auth-off prepare/tls-preferred prepare/tls-off finish/tls-preferred "
           "gate/harden finish/tls-required finish/auth finish/modify");
}

static void durability_is_first_to_go_and_last_to_come(void **state) {
    (void)state;
    AUTO(sight_clear) struct sight sight;
    sight_init(&sight);
    sight_cluster(&sight, 2, 1);
    sight_target_exists(&sight);
    sight.observed.target.transit_encryption = true;
    string_replace(&sight.observed.target.transit_mode, "required");
    string_replace(&sight.observed.target.durability, "sync");
    string_replace(&sight.config.target.engine_version, "9.0");
    string_replace(&sight.observed.target.engine_version, "9.0.1");
    string_replace(&sight.config.target.after_cutover.transit_encryption, "required");
    string_replace(&sight.config.target.after_cutover.durability, "sync");
    expect(&sight, PLAN_MIGRATE,
           "prepare/durability-off prepare/tls-preferred prepare/tls-off finish/tls-preferred "
           "gate/harden finish/tls-required finish/durability");
}

static void a_token_goes_by_way_of_a_user_group_alone(void **state) {
    (void)state;
    AUTO(sight_clear) struct sight sight;
    encrypt(&sight, "required");
    struct config_after_cutover *after = &sight.config.target.after_cutover;
    sight.observed.target.auth = true;
    string_replace(&after->transit_encryption, "required");
    after->auth_token.env = xstrdup("ORDERS_TOKEN");
    assert_int_equal(count_findings(&sight, "target-auth", "AuthTokenUpdateStrategy=DELETE"), 1);
    string_replace(&after->auth_token.env, NULL);
    string_replace(&after->user_group, "app-users");
    expect(&sight, PLAN_MIGRATE,
           "prepare/token-off prepare/auth-off prepare/tls-preferred prepare/tls-off "
           "finish/tls-preferred gate/harden finish/tls-required finish/auth");
}

static void a_token_is_added_before_it_is_required(void **state) {
    (void)state;
    AUTO(sight_clear) struct sight sight;
    sight_init(&sight);
    struct config_after_cutover *after = &sight.config.target.after_cutover;
    string_replace(&after->transit_encryption, "required");
    after->auth_token.env = xstrdup("ORDERS_TOKEN");
    expect(&sight, PLAN_MIGRATE,
           "finish/tls-preferred gate/harden finish/tls-required finish/auth-added finish/auth");
}

static void a_group_of_another_tool_gets_the_lines_to_apply(void **state) {
    (void)state;
    AUTO(sight_clear) struct sight sight;
    encrypt(&sight, "required");
    struct config_target *wanted = &sight.config.target;
    sight.observed.target.auth = true;
    strings_add(&sight.observed.target.user_groups, "app-users");
    string_replace(&wanted->after_cutover.transit_encryption, "required");
    string_replace(&wanted->after_cutover.user_group, "app-users");
    string_replace(&wanted->managed_by, "terraform");
    expect(&sight, PLAN_MIGRATE, "");
    assert_int_equal(
        count_findings(&sight, "target-transit-encryption", "transit_encryption_enabled = false"),
        1);
    assert_int_equal(count_findings(&sight, "target-auth", "user_group_ids = []"), 1);
    assert_int_equal(count_findings(&sight, "target-tls-later", "ignore_changes = ["), 1);
    assert_int_equal(count_findings(&sight, "target-tls-later", "user_group_ids = [\"app-users\"]"),
                     1);
}

/* Before the cutover a run that is given up gives the group back what it had. */
static void an_abort_gives_back_what_was_there(void **state) {
    (void)state;
    AUTO(sight_clear) struct sight sight;
    sight_init(&sight);
    sight_target_exists(&sight);
    struct observed_history *history = &sight.observed.history;
    history->open = true;
    string_replace(&history->last_mode, "migrate");
    expect(&sight, PLAN_ABORT, "");
    pairs_set(&history->target_before, "transit_mode", "required");
    pairs_set(&history->target_before, "auth", "user-group:app-users");
    pairs_set(&history->target_before, "durability", "sync");
    expect(&sight, PLAN_ABORT,
           "abort/tls-preferred abort/tls-required abort/auth abort/durability");
    sight.observed.target.transit_encryption = true; /* it went no further than preferred */
    string_replace(&sight.observed.target.transit_mode, "preferred");
    expect(&sight, PLAN_ABORT, "abort/tls-required abort/auth abort/durability");
    string_replace(&sight.observed.target.transit_mode, "required");
    expect(&sight, PLAN_ABORT, "abort/auth abort/durability");
    pairs_set(&history->target_before, "auth", "token");
    expect(&sight, PLAN_ABORT, "abort/durability");
    assert_int_equal(count_findings(&sight, "abort-token-lost", "ROTATE"), 1);
}

/* The service checks the right to name a user group on the user group. */
static void the_policy_names_the_user_group(void **state) {
    (void)state;
    AUTO(sight_clear) struct sight sight;
    sight_init(&sight);
    string_replace(&sight.config.target.after_cutover.transit_encryption, "required");
    string_replace(&sight.config.target.after_cutover.user_group, "app-users");
    for (int managed = 0; managed < 2; managed++) {
        AUTO(json_free) struct json *policy = iam_policy(&sight.config);
        AUTO(string_free) char *text = json_write(policy, JSON_CANONICAL);
        assert_int_equal(strstr(text, ":usergroup:app-users") != NULL, !managed);
        assert_int_equal(strstr(text, "elasticache:ModifyReplicationGroup\"") != NULL, !managed);
        string_replace(&sight.config.target.managed_by, "terraform");
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tls_goes_and_comes_one_mode_at_a_time),
        cmocka_unit_test(what_the_file_does_not_bring_back_is_not_taken_away),
        cmocka_unit_test(each_goes_before_what_it_needs_and_comes_after_it),
        cmocka_unit_test(durability_is_first_to_go_and_last_to_come),
        cmocka_unit_test(a_token_goes_by_way_of_a_user_group_alone),
        cmocka_unit_test(a_token_is_added_before_it_is_required),
        cmocka_unit_test(a_group_of_another_tool_gets_the_lines_to_apply),
        cmocka_unit_test(the_policy_names_the_user_group),
        cmocka_unit_test(an_abort_gives_back_what_was_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
