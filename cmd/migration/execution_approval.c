/* Is the plan that is about to be run approved, and by whom? */
#include <string.h>

#include "cmd/migration/execution_inside.h"
#include "executor/tally.h"
#include "schemas/base/clock.h"
#include "schemas/base/memory.h"

static bool record_approval(struct application *application, const char *how, struct error *err) {
    char now[CLOCK_TEXT_BYTES];
    clock_format(clock_wall_ms(), now);
    AUTO(string_free) char *how_text = xstrdup(how);
    AUTO(approval_clear) struct approval given = { 0 };
    const struct approval approval = {
        .digest = application->plan.digest, .who = application->actor, .when = now, .how = how_text
    };
    AUTO(string_free) char *document = plan_write(&application->plan, JSON_PRETTY);
    const struct signing *signing = &application->signing;
    const char *migration = application->session.config.migration;
    struct gitstore *store = application->session.store;
    const struct approval_place place = { store, migration, approval.digest };
    return (!signing->policy.file ||
            approval_sign(&place, &signing->approvals, &approval, document, &given, err)) &&
           approval_record(store, migration, signing->policy.file ? &given : &approval, document,
                           err);
}

/* Of the plan, or of a gate of it. */
static bool count_approvals(struct application *application, const char *gate, struct tally *out,
                            struct error *err) {
    const struct signing *signing = &application->signing;
    const struct approval_question question = { .digest = application->plan.digest,
                                                .gate = gate,
                                                .policy = &signing->policy,
                                                .applier = &signing->entries };
    return approval_rely(application->journal, &question, out, err);
}

static bool ask_operator(struct application *application) {
    struct output *output = application->call->output;
    if (output_may_ask(output))
        report_plan(application->report, &application->plan, application->session.words);
    return output_ask(output, "Carry out exactly this plan?", application->stop);
}

static bool refuse_unapproved(const struct application *application, const struct tally *tally,
                              struct error *err) {
    const struct session *session = &application->session;
    const char *mode = application->plan.core.mode == PLAN_ABORT ? " --mode abort" : "";
    AUTO(text_clear) struct text words = TEXT_PAGE;
    tally_words(tally, &words);
    (void)error_set(err, ERROR_GATE, "the plan is not approved yet%s%s", words.length ? ": " : "",
                    text_string(&words));
    if (application->signing.policy.file)
        return error_hint(err,
                          "to approve it: ecmig plan%s --out PLAN %s, then ecmig approve PLAN "
                          "--sign-with KEY",
                          mode, session->config_words);
    return error_hint(err, "read it with 'ecmig plan%s %s', then: ecmig %s --approve sha256:%s %s",
                      mode, session->words, application->call->command->name,
                      application->plan.digest, session->words);
}

/* The record says that it was passed, as anybody with push rights can write. */
static bool refuse_gate(const struct application *application, const char *gate,
                        const struct tally *tally, struct error *err) {
    AUTO(text_clear) struct text words = TEXT_PAGE;
    tally_words(tally, &words);
    (void)error_set(err, ERROR_GATE, "gate '%s' is on record as passed, and is not approved%s%s",
                    gate, words.length ? ": " : "", text_string(&words));
    return error_hint(
        err,
        "find out who wrote that: ecmig log %s --verify; to approve it: ecmig approve "
        "sha256:%s --gate %s --sign-with KEY %s",
        application->session.config.migration, application->plan.digest, gate,
        application->session.words);
}

/* Under a policy, what the command line says is an approval only where this process may sign one.
 */
static bool may_approve(const struct application *application) {
    return !application->signing.policy.file || application->signing.approvals.key;
}

bool application_is_approved(struct application *application, struct error *err) {
    struct session *session = &application->session;
    AUTO(tally_clear) struct tally tally = { 0 };
    bool option = options_given(application->call->options, "approve");
    bool automatic = options_flag(application->call->options, "auto-approve");
    bool told = option || session->has_plan || automatic;
    AUTO(string_free)
    char *how = xasprintf("%s %s", application->call->command->name,
                          option              ? "--approve"
                          : session->has_plan ? "PLAN"
                          : automatic         ? "--auto-approve"
                                              : "asked on the terminal");
    if (told && may_approve(application) && !record_approval(application, how, err))
        return false;
    if (!count_approvals(application, NULL, &tally, err))
        return false;
    if (tally_is_enough(&tally))
        return true;
    if (!told && may_approve(application) && ask_operator(application))
        return record_approval(application, how, err) &&
               count_approvals(application, NULL, &tally, err) &&
               (tally_is_enough(&tally) || refuse_unapproved(application, &tally, err));
    if (stop_wanted(application->stop))
        return error_set(err, ERROR_INTERRUPTED, "%s", stop_reason(application->stop));
    return refuse_unapproved(application, &tally, err);
}

bool application_open_signing(struct application *application, struct error *err) {
    struct session *session = &application->session;
    if (!signing_open(application->call, session->store, &application->plan, session->folder,
                      &application->signing, err))
        return false;
    journal_sign(application->journal, &application->signing.entries);
    return true;
}

static bool has_passed(const struct plan_gate *gate, const struct journal_state *state) {
    AUTO(string_free) char *key = xasprintf("gate/%s", gate->name);
    return strings_has(&gate->needs, "approval") &&
           journal_progress_of(state, key) == PROGRESS_DONE;
}

/* Signed entries say that the run was begun, and its gates were passed, by somebody who may;
 * without them its record proves push rights, so that the approvals are counted again. */
bool application_is_still_approved(struct application *application,
                                   const struct journal_state *state, struct error *err) {
    AUTO(tally_clear) struct tally tally = { 0 };
    const struct policy *policy = &application->signing.policy;
    const struct plan_core *core = &application->plan.core;
    if (!policy->file || policy->sign_entries)
        return true;
    if (!count_approvals(application, NULL, &tally, err))
        return false;
    if (!tally_is_enough(&tally))
        return refuse_unapproved(application, &tally, err);
    for (size_t i = 0; i < core->gates.count; i++) {
        const char *gate = core->gates.items[i].name;
        if (!has_passed(&core->gates.items[i], state))
            continue;
        if (!count_approvals(application, gate, &tally, err))
            return false;
        if (!tally_is_enough(&tally))
            return refuse_gate(application, gate, &tally, err);
    }
    return true;
}
