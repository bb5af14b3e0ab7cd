/* Each check on an observation that fails it, and on one that does not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "planner/planner.h"
#include "planner/preflight.h"
#include "schemas/base/memory.h"
#include "tests/support/spoiled.h"

static const struct plan_note *find(const struct plan *plan, const char *id, const char *summary) {
    for (size_t i = 0; i < plan->context.findings.count; i++) {
        const struct plan_note *note = &plan->context.findings.items[i];
        if (strcmp(note->id, id) == 0 && (!summary || strcmp(note->summary, summary) == 0))
            return note;
    }
    return NULL;
}

static void make(const struct sight *sight, struct plan *plan) {
    AUTO(error_clear) struct error err = { 0 };
    assert_true(planner_plan(&sight->config, &sight->observed, PLAN_MIGRATE, plan, &err));
}

static void show(const struct plan *plan, const char *id) {
    for (size_t i = 0; i < plan->context.findings.count; i++)
        print_message("%s: found %s: %s\n", id, plan->context.findings.items[i].id,
                      plan->context.findings.items[i].summary);
}

static enum plan_mode spoiled_mode(const struct spoiled *row) {
    return strncmp(row->id, "abort-", 6) == 0 ? PLAN_ABORT : PLAN_MIGRATE;
}

/* What is told of any Sentinel, and of any fleet, is no fault. */
static bool is_healthy(const struct plan *plan) {
    for (size_t i = 0; i < plan->context.findings.count; i++)
        if (strcmp(plan->context.findings.items[i].id, "source-sentinel-replica") != 0 &&
            strcmp(plan->context.findings.items[i].id, "target-quota") != 0)
            return false;
    return plan->context.applyable;
}

static void expect_words(const char *expected, const char *seen) {
    if (expected)
        assert_string_equal(seen ? seen : "", expected);
}

static void expect_spoiled(const struct spoiled *row) {
    AUTO(sight_clear) struct sight sight;
    AUTO(plan_clear) struct plan healthy = { 0 };
    AUTO(plan_clear) struct plan plan = { 0 };
    AUTO(error_clear) struct error err = { 0 };
    sight_init(&sight);
    if (row->scene)
        row->scene(&sight);
    make(&sight, &healthy);
    if (!is_healthy(&healthy))
        show(&healthy, "a healthy observation");
    assert_true(is_healthy(&healthy));
    row->spoil(&sight);
    assert_true(planner_plan(&sight.config, &sight.observed, spoiled_mode(row), &plan, &err));
    const struct plan_note *note = find(&plan, row->id, row->summary);
    if (!note)
        show(&plan, row->id);
    assert_non_null(note);
    assert_int_equal(note->severity, row->severity);
    assert_non_null(note->remedy);
    expect_words(row->subject, note->subject);
    expect_words(row->detail, note->detail);
    if (note->severity == SEVERITY_ERROR)
        assert_false(plan.context.applyable);
}

static const struct spoiled *const lists[] = { spoiled_servers, spoiled_targets, spoiled_clusters,
                                               spoiled_records };

static void each_check_finds_what_it_is_for(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(lists); i++)
        for (const struct spoiled *row = lists[i]; row->id; row++)
            expect_spoiled(row);
}

/* On the edge of what is found, and on the right side of it. */
static void what_is_just_right_is_not_found(void **state) {
    (void)state;
    AUTO(sight_clear) struct sight sight;
    AUTO(plan_clear) struct plan plan = { 0 };
    sight_init(&sight);
    sight_target_exists(&sight);
    struct observed_node *source = sight_source(&sight);
    source->last_fork_us = 999999;
    source->clients_count = 64999;
    source->clock_ahead_ms = 64000;
    sight.observed.target.clock_ahead_ms = 59999;
    source->expiring_field_keys = 7; /* but it is no Valkey */
    sight_set(&sight, "notify-keyspace-events", "gE");
    pairs_set(&sight.observed.target.parameters, "notify-keyspace-events", "AKE");
    string_replace(&source->address, "10.20.4.11:6380");
    sight_set(&sight, "tls-port", "6380");
    string_replace(&source->service_address, SIGHT_SOURCE);
    sight_set(&sight, "cluster-preferred-endpoint-type", "hostname"); /* but it is no cluster */
    make(&sight, &plan);
    if (plan.context.findings.count)
        show(&plan, "just right");
    assert_int_equal(plan.context.findings.count, 0);
}

/* The service has fewer databases than the engines, and Valkey 9 more than one in cluster mode. */
static void databases_are_compared_with_what_the_service_has(void **state) {
    (void)state;
    AUTO(sight_clear) struct sight sight, cluster;
    AUTO(plan_clear) struct plan many = { 0 }, few = { 0 }, one = { 0 }, enough = { 0 };
    sight_init(&sight);
    sight_set(&sight, "databases", "20000");
    make(&sight, &many);
    assert_non_null(strstr(find(&many, "source-databases", NULL)->remedy, "10000 or less"));
    sight_set(&sight, "databases", "10000");
    make(&sight, &few);
    assert_string_equal(find(&few, "source-databases", NULL)->remedy,
                        "set target.parameters.databases to \"10000\"");
    sight_init(&cluster);
    sight_cluster(&cluster, 3, 0);
    cluster.observed.source.nodes.items[0].highest_database = 3;
    string_replace(&cluster.config.target.engine_version, "9.0");
    make(&cluster, &one);
    const struct plan_note *note = find(&one, "source-database-zero", NULL);
    assert_int_equal(note->severity, SEVERITY_ERROR);
    assert_non_null(strstr(note->remedy, "target.parameters.cluster-databases to \"4\""));
    pairs_set(&cluster.config.target.parameters, "cluster-databases", "4");
    make(&cluster, &enough);
    assert_int_equal(find(&enough, "source-database-zero", NULL)->severity, SEVERITY_WARNING);
}

static void a_state_that_does_not_pass_is_not_waited_for(void **state) {
    (void)state;
    AUTO(sight_clear) struct sight sight;
    AUTO(plan_clear) struct plan failed = { 0 }, deleting = { 0 };
    sight_init(&sight);
    sight_target_exists(&sight);
    string_replace(&sight.observed.target.status, "create-failed");
    make(&sight, &failed);
    assert_null(strstr(find(&failed, "target-status", NULL)->remedy, "available"));
    string_replace(&sight.observed.target.status, "deleting");
    make(&sight, &deleting);
    assert_null(strstr(find(&deleting, "target-status", NULL)->remedy, "available"));
}

static void a_zone_of_any_region_is_no_local_zone(void **state) {
    (void)state;
    static const char *const regions[] = { "eu-west-1", "us-gov-west-1", "us-iso-east-1",
                                           "eu-isoe-west-1", "eusc-de-east-1" };
    for (size_t i = 0; i < COUNT(regions); i++) {
        AUTO(sight_clear) struct sight sight;
        AUTO(plan_clear) struct plan plan = { 0 };
        AUTO(string_free) char *zone = xasprintf("%sa", regions[i]);
        sight_init(&sight);
        sight_target_exists(&sight);
        string_replace(&sight.observed.target.region, regions[i]);
        strings_add(&sight.observed.target.zones, zone);
        make(&sight, &plan);
        assert_null(find(&plan, "target-zones", NULL));
    }
}

static void a_node_type_that_stays_is_not_judged(void **state) {
    (void)state;
    AUTO(sight_clear) struct sight sight;
    AUTO(plan_clear) struct plan plan = { 0 };
    sight_init(&sight);
    sight_target_exists(&sight);
    string_replace(&sight.config.target.engine, "redis");
    string_replace(&sight.observed.target.engine, "redis");
    string_replace(&sight.config.target.engine_version, "6.0");
    string_replace(&sight.observed.target.engine_version, "6.0.5");
    make(&sight, &plan);
    assert_null(find(&plan, "target-node-type", NULL));
}

static bool is_tested(const char *id) {
    for (size_t i = 0; i < COUNT(lists); i++)
        for (const struct spoiled *row = lists[i]; row->id; row++)
            if (strcmp(row->id, id) == 0)
                return true;
    return false;
}

static void every_check_is_tested_and_explained(void **state) {
    (void)state;
    const struct check_help *help;
    for (size_t i = 0; (help = check_help_at(i)); i++) {
        if (!is_tested(help->id))
            print_message("%s is not tested\n", help->id);
        assert_true(is_tested(help->id));
        assert_null(strchr(help->id, '_'));
        assert_ptr_equal(check_help_find(help->id), help);
        assert_true(strlen(help->title) > 5 && strlen(help->cause) > 5);
        assert_true(strlen(help->risk) > 5 && strlen(help->remedy) > 5);
    }
    assert_null(check_help_find("no-such-finding"));
}

/* These look at what is known of every server that answers, or tell of the absence themselves. */
static const char *const without_facts[] = { "source-config-readable", "source-engine",
                                             "source-has-auth",        "fence-possible",
                                             "fence-standing",         "source-keeps-settings" };

static void forget_everything(struct observed_node *node) {
    static const char *const facts[] = {
        "ACL USERS",
        "CLIENT LIST",
        "COMMAND INFO",
        "INFO commandstats",
        "MODULE LIST",
        "TIME",
        "cluster_enabled",
        "connected_clients",
        "keyspace",
        "latest_fork_usec",
        "loading",
        "number_of_functions",
        "rdb_last_bgsave_status",
        "role",
        "run_id",
        "tcp_port",
        "total_system_memory",
        "used_memory",
    };
    for (size_t i = 0; i < COUNT(facts); i++)
        strings_add(&node->unread, facts[i]);
    string_replace(&node->engine, "unknown");
    string_replace(&node->version, "unknown");
    string_replace(&node->role, "unknown");
    pairs_clear(&node->settings);
    node->config_readable = false;
}

static bool says_unread(const struct plan *plan, const char *id, const struct check *check) {
    size_t length = strcspn(check->facts, " ");
    AUTO(string_free) char *fact = xstrndup(check->facts, length);
    for (char *plus = strchr(fact, '+'); plus; plus = strchr(fact, '+'))
        *plus = ' ';
    AUTO(string_free) char *summary = xasprintf("%s could not be read", fact);
    const struct plan_note *note = find(plan, id, summary);
    if (!note)
        print_message("%s does not say '%s'\n", id, summary);
    return note && note->severity == check->unread &&
           (check->any_engine || strstr(note->remedy, "source-engine"));
}

/* Every check of a server declares what it reads, and says so when that was not told. */
static void a_fact_that_was_not_read_is_never_fine(void **state) {
    (void)state;
    AUTO(sight_clear) struct sight sight;
    AUTO(plan_clear) struct plan plan = { 0 };
    sight_init(&sight);
    sight_cluster(&sight, 1, 0);
    forget_everything(&sight.observed.source.nodes.items[0]);
    make(&sight, &plan);
    for (size_t i = 0; check_help_at(i); i++) {
        const char *id = check_help_at(i)->id;
        const struct check *check = check_find(id);
        bool exempt = !check->run_node && !check->run_primary;
        for (size_t k = 0; k < COUNT(without_facts); k++)
            exempt |= strcmp(without_facts[k], id) == 0;
        if (!exempt && !check->facts)
            fail_msg("%s declares no facts", id);
        if (check->facts)
            assert_true(says_unread(&plan, id, check));
    }
    assert_non_null(find(&plan, "source-engine", NULL));
    assert_non_null(find(&plan, "source-config-readable", NULL));
    assert_false(plan.context.applyable);
}

static void a_local_service_reaches_loopback_addresses(void **state) {
    (void)state;
    AUTO(sight_clear) struct sight sight;
    AUTO(plan_clear) struct plan plan = { 0 };
    sight_init(&sight);
    sight.observed.target.on_this_machine = true;
    string_replace(&sight_source(&sight)->address, "127.0.1.1:6379");
    sight_set(&sight, "bind", "127.0.1.1");
    make(&sight, &plan);
    assert_null(find(&plan, "source-address", NULL));
    assert_null(find(&plan, "source-bind", NULL));
    assert_non_null(strstr(plan.context.summary, "refused seconds"));
}

static void a_waiver_takes_a_warning_out_of_the_way_until_it_expires(void **state) {
    (void)state;
    AUTO(sight_clear) struct sight sight;
    AUTO(plan_clear) struct plan plan = { 0 };
    AUTO(plan_clear) struct plan expired = { 0 };
    sight_init(&sight);
    sight_target_exists(&sight);
    sight.observed.target.at_rest_encryption = true;
    sight_waive(&sight, "target-encrypted-at-rest", "confirmed");
    make(&sight, &plan);
    assert_string_equal(find(&plan, "target-encrypted-at-rest", NULL)->waived_by, "confirmed");
    assert_string_equal(plan.core.findings.items[0].waived_by, "confirmed");
    strings_add(&sight.observed.expired_waivers, "target-encrypted-at-rest");
    make(&sight, &expired);
    assert_null(find(&expired, "target-encrypted-at-rest", NULL)->waived_by);
    assert_non_null(find(&expired, "waiver-expired", NULL));
}

static void why_the_service_does_not_answer_tells_what_to_do(void **state) {
    (void)state;
    AUTO(sight_clear) struct sight sight;
    AUTO(plan_clear) struct plan plan = { 0 };
    sight_init(&sight);
    sight.observed.target.reachable = false;
    string_replace(&sight.observed.target.problem_remedy, "try again later");
    make(&sight, &plan);
    assert_string_equal(find(&plan, "target-reachable", NULL)->remedy, "try again later");
}

static void an_error_that_editions_disagree_about_may_be_waived(void **state) {
    (void)state;
    AUTO(sight_clear) struct sight sight;
    AUTO(plan_clear) struct plan plan = { 0 };
    sight_init(&sight);
    sight_target_exists(&sight);
    string_replace(&sight.config.target.engine, "redis");
    string_replace(&sight.config.target.engine_version, "5.0.5");
    string_replace(&sight_source(&sight)->version, "5.0.5");
    string_replace(&sight.observed.target.engine, "redis");
    string_replace(&sight.observed.target.engine_version, "5.0.5");
    sight_waive(&sight, "target-engine-version", "agreed with support");
    make(&sight, &plan);
    assert_string_equal(find(&plan, "target-engine-version", NULL)->waived_by,
                        "agreed with support");
    assert_null(find(&plan, "waiver-not-allowed", NULL));
    assert_true(plan.context.applyable);
}

static void a_finding_names_the_step_that_mends_it(void **state) {
    (void)state;
    AUTO(sight_clear) struct sight sight;
    AUTO(plan_clear) struct plan plan = { 0 };
    sight_init(&sight);
    sight_set(&sight, "repl-backlog-size", "1048576");
    make(&sight, &plan);
    assert_string_equal(find(&plan, "source-backlog", NULL)->remedy,
                        "S01 sets it for the migration and restores it afterwards");
}

/* Asked over TLS, a server says its plaintext port, and where CONFIG is not readable nothing else.
 */
static void a_port_of_tls_is_the_servers_own(void **state) {
    (void)state;
    AUTO(sight_clear) struct sight sight;
    AUTO(plan_clear) struct plan plain = { 0 };
    AUTO(plan_clear) struct plan over_tls = { 0 };
    sight_init(&sight);
    sight_source(&sight)->listens_on = 6380;
    pairs_clear(&sight_source(&sight)->settings);
    make(&sight, &plain);
    assert_non_null(find(&plain, "source-own-address", NULL));
    string_replace(&sight.config.source.tls.server_name, "redis.example");
    make(&sight, &over_tls);
    assert_null(find(&over_tls, "source-own-address", NULL));
}

static void the_interpreter_of_valkey_is_no_module(void **state) {
    (void)state;
    AUTO(sight_clear) struct sight sight;
    AUTO(plan_clear) struct plan on_valkey = { 0 };
    AUTO(plan_clear) struct plan on_redis = { 0 };
    sight_init(&sight);
    strings_add(&sight_source(&sight)->modules, "lua");
    make(&sight, &on_redis);
    assert_non_null(find(&on_redis, "source-modules", "modules are loaded: lua"));
    string_replace(&sight_source(&sight)->engine, "valkey");
    make(&sight, &on_valkey);
    assert_null(find(&on_valkey, "source-modules", NULL));
}

static void what_redis_8_brings_along_counts_once_it_is_used(void **state) {
    (void)state;
    AUTO(sight_clear) struct sight sight;
    AUTO(plan_clear) struct plan idle = { 0 };
    AUTO(plan_clear) struct plan used = { 0 };
    AUTO(plan_clear) struct plan older = { 0 };
    sight_init(&sight);
    struct observed_node *source = sight_source(&sight);
    string_replace(&source->version, "8.0.2");
    strings_add(&source->modules, "vectorset");
    make(&sight, &idle);
    assert_null(find(&idle, "source-modules", "modules are loaded: vectorset"));
    const struct plan_note *note = find(&idle, "source-modules", NULL);
    assert_non_null(note);
    assert_int_equal(note->severity, SEVERITY_NOTE);
    strings_add(&source->used_modules, "vectorset");
    make(&sight, &used);
    assert_non_null(find(&used, "source-modules", "modules are loaded: vectorset"));
    strings_clear(&source->used_modules);
    string_replace(&source->version, "7.2.4");
    make(&sight, &older);
    assert_non_null(find(&older, "source-modules", "modules are loaded: vectorset"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_check_finds_what_it_is_for),
        cmocka_unit_test(what_is_just_right_is_not_found),
        cmocka_unit_test(databases_are_compared_with_what_the_service_has),
        cmocka_unit_test(a_state_that_does_not_pass_is_not_waited_for),
        cmocka_unit_test(a_zone_of_any_region_is_no_local_zone),
        cmocka_unit_test(a_node_type_that_stays_is_not_judged),
        cmocka_unit_test(every_check_is_tested_and_explained),
        cmocka_unit_test(a_fact_that_was_not_read_is_never_fine),
        cmocka_unit_test(a_local_service_reaches_loopback_addresses),
        cmocka_unit_test(a_waiver_takes_a_warning_out_of_the_way_until_it_expires),
        cmocka_unit_test(why_the_service_does_not_answer_tells_what_to_do),
        cmocka_unit_test(an_error_that_editions_disagree_about_may_be_waived),
        cmocka_unit_test(a_finding_names_the_step_that_mends_it),
        cmocka_unit_test(a_port_of_tls_is_the_servers_own),
        cmocka_unit_test(the_interpreter_of_valkey_is_no_module),
        cmocka_unit_test(what_redis_8_brings_along_counts_once_it_is_used),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
