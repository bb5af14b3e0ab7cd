/* Is the plan that is about to be run approved, and by whom? */
#include <string.h>

#include "cmd/migration/execution_inside.h"
#include "executor/record/tally.h"
#include "schemas/base/clock.h"
#include "schemas/base/memory.h"

static bool record_approval(struct execution *execution, const char *how, struct error *err) {
    char now[CLOCK_TEXT_BYTES];
    clock_format(clock_wall_ms(), now);
    AUTO(string_free) char *how_text = xstrdup(how);
    AUTO(approval_clear) struct approval given = { 0 };
    const struct approval approval = {
        .digest = execution->plan.digest, .who = execution->actor, .when = now, .how = how_text
    };
    AUTO(string_free) char *document = plan_write(&execution->plan, JSON_PRETTY);
    const struct signing *signing = &execution->signing;
    const char *migration = execution->session.config.migration;
    struct gitstore *store = execution->session.store;
    const struct approval_place place = { store, migration, approval.digest };
    return (!signing->policy.file ||
            approval_sign(&place, &signing->approvals, &approval, document, &given, err)) &&
           approval_record(store, migration, signing->policy.file ? &given : &approval, document,
                           err);
}

/* Of the plan, or of a gate of it. */
static bool count_approvals(struct execution *execution, const char *gate, struct tally *out,
                            struct error *err) {
    const struct signing *signing = &execution->signing;
    const struct approval_question question = { .digest = execution->plan.digest,
                                                .gate = gate,
                                                .policy = &signing->policy,
                                                .applier = &signing->entries };
    return approval_rely(execution->journal, &question, out, err);
}

static bool ask_operator(struct execution *execution) {
    struct output *output = execution->call->output;
    if (output_may_ask(output))
        report_plan(execution->report, &execution->plan, execution->session.words);
    return output_ask(output, "Carry out exactly this plan?", execution->stop);
}

static bool refuse_unapproved(const struct execution *execution, const struct tally *tally,
                              struct error *err) {
    const struct session *session = &execution->session;
    const char *mode = execution->plan.core.mode == PLAN_ABORT ? " --mode abort" : "";
    AUTO(text_clear) struct text words = TEXT_PAGE;
    tally_words(tally, &words);
    (void)error_set(err, ERROR_GATE, "the plan is not approved yet%s%s", words.length ? ": " : "",
                    text_string(&words));
    if (execution->signing.policy.file)
        return error_hint(err,
                          "to approve it: ecmig plan%s --out PLAN %s, then ecmig approve PLAN "
                          "--sign-with KEY",
                          mode, session->config_words);
    return error_hint(err, "read it with 'ecmig plan%s %s', then: ecmig %s --approve sha256:%s %s",
                      mode, session->words, execution->call->command->name, execution->plan.digest,
                      session->words);
}

/* The record says that it was passed, as anybody with push rights can write. */
static bool refuse_gate(const struct execution *execution, const char *gate,
                        const struct tally *tally, struct error *err) {
    AUTO(text_clear) struct text words = TEXT_PAGE;
    tally_words(tally, &words);
    (void)error_set(err, ERROR_GATE, "gate '%s' is on record as passed, and is not approved%s%s",
                    gate, words.length ? ": " : "", text_string(&words));
    return error_hint(
        err,
        "find out who wrote that: ecmig log %s --verify; to approve it: ecmig approve "
        "sha256:%s --gate %s --sign-with KEY %s",
        execution->session.config.migration, execution->plan.digest, gate,
        execution->session.words);
}

/* Under a policy, what the command line says is an approval only where this process may sign one.
 */
static bool may_approve(const struct execution *execution) {
    return !execution->signing.policy.file || execution->signing.approvals.key;
}

bool execution_is_approved(struct execution *execution, struct error *err) {
    struct session *session = &execution->session;
    AUTO(tally_clear) struct tally tally = { 0 };
    bool option = options_given(execution->call->options, "approve");
    bool automatic = options_flag(execution->call->options, "auto-approve");
    bool told = option || session->has_plan || automatic;
    AUTO(string_free)
    char *how = xasprintf("%s %s", execution->call->command->name,
                          option              ? "--approve"
                          : session->has_plan ? "PLAN"
                          : automatic         ? "--auto-approve"
                                              : "asked on the terminal");
    if (told && may_approve(execution) && !record_approval(execution, how, err))
        return false;
    if (!count_approvals(execution, NULL, &tally, err))
        return false;
    if (tally_is_enough(&tally))
        return true;
    if (!told && may_approve(execution) && ask_operator(execution))
        return record_approval(execution, how, err) &&
               count_approvals(execution, NULL, &tally, err) &&
               (tally_is_enough(&tally) || refuse_unapproved(execution, &tally, err));
    if (stop_wanted(execution->stop))
        return error_set(err, ERROR_INTERRUPTED, "%s", stop_reason(execution->stop));
    return refuse_unapproved(execution, &tally, err);
}

bool execution_open_signing(struct execution *execution, struct error *err) {
    struct session *session = &execution->session;
    if (!signing_open(execution->call, session->store, &execution->plan, session->folder,
                      &execution->signing, err))
        return false;
    journal_sign(execution->journal, &execution->signing.entries);
    return true;
}

static bool has_passed(const struct plan_gate *gate, const struct journal_state *state) {
    AUTO(string_free) char *key = xasprintf("gate/%s", gate->name);
    return strings_has(&gate->needs, "approval") &&
           journal_progress_of(state, key) == PROGRESS_DONE;
}

/* Signed entries say that the run was begun, and its gates were passed, by somebody who may;
 * without them its record proves push rights, so that the approvals are counted again. */
bool execution_is_still_approved(struct execution *execution, const struct journal_state *state,
                                 struct error *err) {
    AUTO(tally_clear) struct tally tally = { 0 };
    const struct policy *policy = &execution->signing.policy;
    const struct plan_core *core = &execution->plan.core;
    if (!policy->file || policy->sign_entries)
        return true;
    if (!count_approvals(execution, NULL, &tally, err))
        return false;
    if (!tally_is_enough(&tally))
        return refuse_unapproved(execution, &tally, err);
    for (size_t i = 0; i < core->gates.count; i++) {
        const char *gate = core->gates.items[i].name;
        if (!has_passed(&core->gates.items[i], state))
            continue;
        if (!count_approvals(execution, gate, &tally, err))
            return false;
        if (!tally_is_enough(&tally))
            return refuse_gate(execution, gate, &tally, err);
    }
    return true;
}
