/* What people read, byte for byte. ECMIG_GOLDEN=write writes the pages anew, to be reviewed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "planner/planner.h"
#include "schemas/base/memory.h"
#include "tests/support/golden.h"
#include "tests/support/sight.h"

static void render(const struct plan *plan, const char *format, bool colour, struct text *page) {
    const struct render_options options = { .colour = colour, .words = "orders.yaml" };
    render_format_find(format)->render(plan, &options, page);
}

static void make(const struct sight *sight, struct plan *plan) {
    AUTO(error_clear) struct error err = { 0 };
    assert_true(planner_plan(&sight->config, &sight->observed, PLAN_MIGRATE, plan, &err));
}

static void expect_page(const struct sight *sight, const char *name) {
    AUTO(plan_clear) struct plan plan = { 0 };
    make(sight, &plan);
    golden_expect(&plan, name);
}

static void a_plan_that_creates_the_target(void **state) {
    (void)state;
    AUTO(sight_clear) struct sight sight;
    sight_init(&sight);
    sight_set(&sight, "client-output-buffer-limit", SIGHT_DEFAULT_LIMITS);
    expect_page(&sight, "plan-create");
}

static void a_plan_that_is_blocked(void **state) {
    (void)state;
    AUTO(sight_clear) struct sight sight;
    sight_init(&sight);
    sight_target_exists(&sight);
    struct observed_node *source = sight_source(&sight);
    source->password_required = true;
    string_replace(&source->version, "5.0.14");
    source->scripts_used = true;
    sight.observed.target.transit_encryption = true;
    sight.observed.target.at_rest_encryption = true;
    sight.observed.target.replicas_per_shard = 3;
    sight.observed.target.data_room_bytes = (int64_t)39 << 30;
    sight_waive(&sight, "target-encrypted-at-rest", "confirmed with AWS support");
    sight_waive(&sight, "target-transit-encryption", "we like it");
    expect_page(&sight, "plan-blocked");
}

static void a_plan_that_the_account_may_not_carry_out(void **state) {
    (void)state;
    AUTO(sight_clear) struct sight sight;
    sight_init(&sight);
    struct observed_target *target = &sight.observed.target;
    string_replace(&target->caller, "arn:aws:sts::000000000000:assumed-role/operator/ann");
    strings_add(&target->denied_actions, "elasticache:CompleteMigration");
    strings_add(&target->unclear_actions, "elasticache:StartMigration");
    expect_page(&sight, "plan-denied");
}

static void a_plan_without_the_optional_rights(void **state) {
    (void)state;
    AUTO(sight_clear) struct sight sight;
    sight_init(&sight);
    struct observed_target *target = &sight.observed.target;
    static const char *const actions[] = { "DescribeServerlessCaches",
                                           "DescribeCacheEngineVersions",
                                           "DescribeCacheParameters" };
    for (size_t i = 0; i < COUNT(actions); i++) {
        AUTO(string_free)
        char *why =
            xasprintf("%s was refused with AccessDenied (HTTP 403, request r-1)", actions[i]);
        pairs_set(&target->unknown, actions[i], why);
    }
    strings_clear(&target->offered_versions);
    target->data_room_bytes = 0;
    string_replace(&target->rights_problem,
                   "SimulatePrincipalPolicy was refused with AccessDenied (HTTP 403, request r-2)");
    expect_page(&sight, "plan-optional");
}

static void a_plan_for_a_serverless_cache(void **state) {
    (void)state;
    AUTO(sight_clear) struct sight sight;
    sight_init(&sight);
    string_replace(&sight.config.target.replication_group, NULL);
    string_replace(&sight.config.target.serverless_cache, "orders-fast");
    sight.config.target.create = false;
    struct observed_target *target = &sight.observed.target;
    target->serverless = true;
    string_replace(&target->status, "AVAILABLE");
    string_replace(&target->engine, "valkey");
    string_replace(&target->engine_version, "8.1");
    sight_source(&sight)->password_required = true;
    string_replace(&sight_source(&sight)->version, "7.4.2");
    expect_page(&sight, "plan-serverless");
}

/* Somebody else's migration, and all that may come in the way of ours. */
static void a_plan_for_a_group_that_others_use(void **state) {
    (void)state;
    AUTO(sight_clear) struct sight sight;
    sight_init(&sight);
    sight_target_exists(&sight);
    struct observed_target *target = &sight.observed.target;
    string_replace(&target->status, "migrating");
    string_replace(&target->role, "slave");
    string_replace(&target->replicates_from, "10.77.0.1:6379");
    string_replace(&target->link_status, "up");
    string_replace(&target->maintenance_window, "sun:07:00-sun:08:00");
    target->snapshot_retention_days = 1;
    string_replace(&target->snapshot_window, "02:00-03:00");
    pairs_set(&target->updates, "elasticache-2026-08", "scheduled");
    sight_window(&sight, "02:00", "04:00", "UTC");
    sight_source(&sight)->shares_address = true;
    sight_source(&sight)->clock_ahead_ms = 42000;
    expect_page(&sight, "plan-foreign");
}

/* A production group as people have it: TLS required, and users. */
static void protect(struct sight *sight) {
    struct observed_target *target = &sight->observed.target;
    struct config_after_cutover *after = &sight->config.target.after_cutover;
    sight_target_exists(sight);
    target->transit_encryption = target->auth = true;
    string_replace(&target->transit_mode, "required");
    strings_add(&target->user_groups, "app-users");
    string_replace(&after->transit_encryption, "required");
    string_replace(&after->user_group, "app-users");
}

static void a_plan_for_a_group_with_tls_and_users(void **state) {
    (void)state;
    AUTO(sight_clear) struct sight sight;
    sight_init(&sight);
    protect(&sight);
    expect_page(&sight, "plan-tls-group");
}

static void a_plan_for_a_protected_group_of_terraform(void **state) {
    (void)state;
    AUTO(sight_clear) struct sight sight;
    sight_init(&sight);
    protect(&sight);
    string_replace(&sight.config.target.managed_by, "terraform");
    expect_page(&sight, "plan-terraform-managed");
}

static void a_plan_without_a_view_of_the_source(void **state) {
    (void)state;
    AUTO(sight_clear) struct sight sight;
    sight_init(&sight);
    sight_source(&sight)->reachable = false;
    string_replace(&sight_source(&sight)->problem, "connection refused");
    expect_page(&sight, "plan-unreachable");
}

static void a_plan_of_a_migration_that_waits_at_the_gate(void **state) {
    (void)state;
    AUTO(sight_clear) struct sight sight;
    sight_init(&sight);
    sight_target_follows(&sight);
    sight_set(&sight, "repl-backlog-size", "2147483648");
    pairs_set(&sight.observed.history.settings_before, SIGHT_SOURCE " repl-backlog-size",
              "1048576");
    expect_page(&sight, "plan-at-gate");
}

static void a_plan_with_nothing_to_do(void **state) {
    (void)state;
    AUTO(sight_clear) struct sight sight;
    sight_init(&sight);
    sight_finished(&sight);
    expect_page(&sight, "plan-finished");
}

static void a_plan_of_three_shards(void **state) {
    (void)state;
    AUTO(sight_clear) struct sight sight;
    sight_init(&sight);
    sight_cluster(&sight, 3, 1);
    for (size_t i = 0; i < sight.observed.source.nodes.count; i++)
        pairs_set(&sight.observed.source.nodes.items[i].settings, "client-output-buffer-limit",
                  SIGHT_DEFAULT_LIMITS);
    expect_page(&sight, "plan-cluster");
}

/* What differs is shown by name: one shard is large and short of a replica, two servers are set up
 * otherwise. */
static void a_plan_of_500_shards(void **state) {
    (void)state;
    AUTO(sight_clear) struct sight sight;
    sight_init(&sight);
    sight_cluster(&sight, 500, 1);
    struct observed_source *source = &sight.observed.source;
    for (size_t i = 0; i < source->nodes.count; i++) {
        pairs_set(&source->nodes.items[i].settings, "client-output-buffer-limit",
                  i == 6 ? "normal 0 0 0 slave 1048576 1048576 60 pubsub 0 0 0"
                         : SIGHT_DEFAULT_LIMITS);
        pairs_set(&source->nodes.items[i].settings, "repl-backlog-size", "1048576");
    }
    source->nodes.items[8].dataset_bytes = source->nodes.items[8].used_memory_bytes = (int64_t)900
                                                                                      << 20;
    for (size_t i = 600; i < 605; i++)
        source->nodes.items[i].save_failed = true;
    string_replace(&source->nodes.items[10].version, "6.2.14");
    expect_page(&sight, "plan-fleet");
}

static void a_plan_behind_sentinel(void **state) {
    (void)state;
    AUTO(sight_clear) struct sight sight;
    sight_init(&sight);
    sight_sentinel(&sight);
    expect_page(&sight, "plan-sentinel");
}

static void colour_changes_no_character(void **state) {
    (void)state;
    AUTO(sight_clear) struct sight sight;
    AUTO(plan_clear) struct plan plan = { 0 };
    AUTO(text_clear) struct text plain = { 0 };
    AUTO(text_clear) struct text coloured = { 0 };
    AUTO(text_clear) struct text stripped = { 0 };
    sight_init(&sight);
    make(&sight, &plan);
    render(&plan, "text", false, &plain);
    render(&plan, "text", true, &coloured);
    assert_null(strchr(text_string(&plain), '\033'));
    assert_non_null(strstr(text_string(&coloured), "\033[36m@@ "));
    for (const char *at = text_string(&coloured); *at; at++) {
        if (*at == '\033')
            at += strcspn(at, "m");
        else
            text_add_char(&stripped, *at);
    }
    assert_string_equal(text_string(&stripped), text_string(&plain));
}

static void what_is_quoted_cannot_steer_a_terminal(void **state) {
    (void)state;
    AUTO(sight_clear) struct sight sight;
    AUTO(plan_clear) struct plan plan = { 0 };
    AUTO(text_clear) struct text page = { 0 };
    sight_init(&sight);
    sight_source(&sight)->reachable = false;
    string_replace(&sight_source(&sight)->problem, "\033[2Jgone\r\x7f\xc2\x9b end");
    make(&sight, &plan);
    render(&plan, "text", false, &page);
    assert_non_null(strstr(text_string(&page), "?[2Jgone???\? end"));
    assert_null(strpbrk(text_string(&page), "\033\r\x7f"));
}

static void the_next_command_can_be_copied(void **state) {
    (void)state;
    AUTO(sight_clear) struct sight sight;
    AUTO(plan_clear) struct plan plan = { 0 };
    AUTO(text_clear) struct text page = { 0 };
    sight_init(&sight);
    make(&sight, &plan);
    const struct render_options options = { .words = "'it'\\''s mine.yaml'" };
    render_format_find("text")->render(&plan, &options, &page);
    assert_non_null(strstr(text_string(&page), " \\\n    'it'\\''s mine.yaml'\n"));
    assert_non_null(strstr(text_string(&page), plan.digest));
}

static void markdown(const struct plan *plan, int64_t max_bytes, struct text *page) {
    const struct render_options options = { .words = "orders.yaml", .max_bytes = max_bytes };
    render_format_find("markdown")->render(plan, &options, page);
}

static void markdown_quotes_no_markup(void **state) {
    (void)state;
    AUTO(sight_clear) struct sight sight;
    AUTO(plan_clear) struct plan plan = { 0 };
    AUTO(text_clear) struct text page = { 0 };
    sight_init(&sight);
    sight_source(&sight)->reachable = false;
    string_replace(&sight_source(&sight)->problem, "```\n+ S99 <b>``` @everyone\033");
    make(&sight, &plan);
    string_replace(&plan.context.summary, "see [this](http://x) <img> @team #12\n# **big**");
    string_replace(&plan.core.migration, "a --> b");
    markdown(&plan, 0, &page);
    const char *shown = text_string(&page);
    assert_int_equal(strncmp(shown, "<!-- ecmig:plan:a__-__b -->\n", 28), 0);
    assert_non_null(strstr(shown, "### see \\[this\\]\\(http\\://x\\) &lt;img&gt; @\u200bteam "
                                  "\\#\u200b12 \\#\u200b \\*\\*big\\*\\*\n"));
    assert_non_null(strstr(shown, "\n````diff\n")); /* longer than the fence inside */
    assert_null(strstr(shown, "\n```\n+ S99"));
    assert_null(strstr(shown, "\n+ S99"));
    assert_null(strchr(shown, '\033'));
}

/* What a page may never lose, however short it has to be. */
static void assert_essentials(const struct plan *plan, const char *page) {
    assert_non_null(strstr(page, "<!-- ecmig:plan:orders -->\n### "));
    assert_non_null(strstr(page, "BLOCKED"));
    assert_non_null(strstr(page, plan->digest));
    assert_non_null(strstr(page, "- ERROR source-has-auth"));
    assert_non_null(strstr(page, "- ERROR target-transit-encryption"));
    assert_non_null(strstr(page, "@@ gate \"cutover\": needs approval"));
    assert_non_null(strstr(page, "**Point of no return: "));
}

static void markdown_drops_what_explains_when_bytes_are_short(void **state) {
    (void)state;
    AUTO(sight_clear) struct sight sight;
    AUTO(plan_clear) struct plan plan = { 0 };
    sight_init(&sight);
    sight_target_exists(&sight);
    sight_source(&sight)->password_required = true;
    sight.observed.target.transit_encryption = true;
    make(&sight, &plan);
    size_t last = 0, full = 0;
    for (int64_t max_bytes = 6000; max_bytes >= 2000; max_bytes -= 500) {
        AUTO(text_clear) struct text page = { 0 };
        markdown(&plan, max_bytes, &page);
        assert_essentials(&plan, text_string(&page));
        full = full ? full : page.length;
        assert_true(!last || page.length <= last);
        last = page.length;
    }
    assert_true(last < full);
}

static void markdown_of_a_thousand_errors_fits_in_a_comment(void **state) {
    (void)state;
    AUTO(sight_clear) struct sight sight;
    AUTO(plan_clear) struct plan plan = { 0 };
    AUTO(text_clear) struct text page = { 0 };
    enum { ERRORS = 1000 };
    sight_init(&sight);
    sight_target_exists(&sight);
    sight_source(&sight)->password_required = true;
    sight.observed.target.transit_encryption = true;
    make(&sight, &plan);
    size_t first = plan.context.findings.count, count = first + ERRORS;
    struct plan_note *notes = xcalloc(count, sizeof *notes);
    memcpy(notes, plan.context.findings.items, first * sizeof *notes);
    for (size_t i = first; i < count; i++)
        notes[i] = (struct plan_note){ .id = xstrdup("source-slow"),
                                       .severity = SEVERITY_ERROR,
                                       .subject = xasprintf("10.0.0.1:%zu", i),
                                       .summary = xstrdup("it is so very slow that nothing works"),
                                       .remedy = xstrdup("make it faster") };
    free(plan.context.findings.items);
    plan.context.findings.items = notes;
    plan.context.findings.count = count;
    markdown(&plan, 0, &page);
    assert_true(page.length < 60000);
    assert_essentials(&plan, text_string(&page));
    assert_non_null(strstr(text_string(&page), "- ERROR source-slow  10.0.0.1:"));
    assert_non_null(strstr(text_string(&page), " and 999 more: it is so very slow"));
}

static void json_is_the_document_itself(void **state) {
    (void)state;
    AUTO(sight_clear) struct sight sight;
    AUTO(error_clear) struct error err = { 0 };
    AUTO(plan_clear) struct plan plan = { 0 };
    AUTO(plan_clear) struct plan read = { 0 };
    AUTO(config_clear) struct config config = { 0 };
    AUTO(text_clear) struct text page = { 0 };
    sight_init(&sight);
    make(&sight, &plan);
    render(&plan, "json", true, &page);
    if (!plan_parse(text_string(&page), page.length, &read, &err))
        fail_msg("%s", err.message);
    assert_string_equal(read.digest, plan.digest);
    assert_int_equal(read.core.steps.count, plan.core.steps.count);
    assert_string_equal(read.context.summary, plan.context.summary);
    assert_true(plan_config(&read, &config, &err));
    assert_string_equal(config.target.replication_group, "orders-prod");
    assert_null(render_format_find("no-such-format"));
}

/* Replaces the first occurrence in a plan document and expects it to be refused. */
static void expect_refused(const struct plan *plan, const char *old, const char *new,
                           enum error_code code, const char *message) {
    AUTO(error_clear) struct error err = { 0 };
    AUTO(text_clear) struct text edited = { 0 };
    AUTO(string_free) char *document = plan_write(plan, JSON_CANONICAL);
    struct plan read = { 0 };
    char *at = strstr(document, old);
    assert_non_null(at);
    text_add_bytes(&edited, document, (size_t)(at - document));
    text_add(&edited, new);
    text_add(&edited, at + strlen(old));
    assert_false(plan_parse(text_string(&edited), edited.length, &read, &err));
    assert_int_equal(err.code, code);
    assert_non_null(strstr(err.message, message));
    assert_non_null(err.hint);
}

static void a_plan_that_was_edited_is_refused(void **state) {
    (void)state;
    AUTO(sight_clear) struct sight sight;
    AUTO(plan_clear) struct plan plan = { 0 };
    sight_init(&sight);
    make(&sight, &plan);
    expect_refused(&plan, "\"writes\":\"pause\"", "\"writes\":\"none\"", ERROR_STALE,
                   "was changed after");
    expect_refused(&plan, "\"timeout_s\":30", "\"timeout_s\":31", ERROR_STALE, "was changed after");
    expect_refused(&plan, "\"format_version\":\"1.0\"", "\"format_version\":\"2.0\"", ERROR_FORMAT,
                   "format version '2.0'");
    expect_refused(&plan, ",\"format_version\":\"1.0\"", "", ERROR_FORMAT, "not a plan document");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_plan_that_creates_the_target),
        cmocka_unit_test(a_plan_that_is_blocked),
        cmocka_unit_test(a_plan_that_the_account_may_not_carry_out),
        cmocka_unit_test(a_plan_without_the_optional_rights),
        cmocka_unit_test(a_plan_for_a_serverless_cache),
        cmocka_unit_test(a_plan_for_a_group_that_others_use),
        cmocka_unit_test(a_plan_for_a_group_with_tls_and_users),
        cmocka_unit_test(a_plan_for_a_protected_group_of_terraform),
        cmocka_unit_test(a_plan_without_a_view_of_the_source),
        cmocka_unit_test(a_plan_of_a_migration_that_waits_at_the_gate),
        cmocka_unit_test(a_plan_with_nothing_to_do),
        cmocka_unit_test(a_plan_of_three_shards),
        cmocka_unit_test(a_plan_of_500_shards),
        cmocka_unit_test(a_plan_behind_sentinel),
        cmocka_unit_test(colour_changes_no_character),
        cmocka_unit_test(what_is_quoted_cannot_steer_a_terminal),
        cmocka_unit_test(the_next_command_can_be_copied),
        cmocka_unit_test(markdown_quotes_no_markup),
        cmocka_unit_test(markdown_drops_what_explains_when_bytes_are_short),
        cmocka_unit_test(markdown_of_a_thousand_errors_fits_in_a_comment),
        cmocka_unit_test(json_is_the_document_itself),
        cmocka_unit_test(a_plan_that_was_edited_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
