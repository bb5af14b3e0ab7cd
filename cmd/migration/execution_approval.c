/* Is the plan that is about to be run approved, and by whom? */
#include <string.h>

#include "cmd/migration/execution_inside.h"
#include "executor/record/reliance.h"
#include "executor/record/succession.h"
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
                                                .when = approval_policy_now,
                                                .applier = &signing->entries };
    return approval_rely(execution->journal, &question, out, err);
}

static bool ask_operator(struct execution *execution) {
    struct output *output = execution->call->output;
    if (output_may_ask(output))
        report_plan(execution->report, &execution->plan, execution->session.words);
    return output_ask(output, "Run exactly this plan?", execution->stop);
}

static bool refuse_unapproved(const struct execution *execution, const struct tally *tally,
                              struct error *err) {
    const struct session *session = &execution->session;
    const char *mode = execution->plan.core.mode == PLAN_ABORT ? " --mode abort" : "";
    AUTO(text_clear) struct text words = TEXT_PAGE;
    tally_words(tally, &words);
    error_set(err, ERROR_GATE, "the plan is not approved yet%s%s", words.length ? ": " : "",
              text_string(&words));
    if (execution->signing.policy.file)
        return error_hint(err,
                          "to approve it: ecmig plan%s --out PLAN %s, then ecmig approve PLAN "
                          "--sign-with KEY",
                          mode, session->config_words);
    return error_hint(
        err, "review it with 'ecmig plan%s %s', then: ecmig %s --approve sha256:%s %s", mode,
        session->words, execution->call->command->name, execution->plan.digest, session->words);
}

/* Of the plan of an open run (gate NULL), or of a gate that the record calls passed, as anybody
 * with push rights can write. */
static bool refuse_again(const struct execution *execution, const char *gate,
                         const struct tally *tally, struct error *err) {
    AUTO(text_clear) struct text words = TEXT_PAGE;
    AUTO(string_free)
    char *what = gate ? xasprintf("gate '%s' is recorded as passed, but", gate)
                      : xstrdup("the plan of the open run");
    const char *of = gate ? " --gate " : "", *name = gate ? gate : "";
    const struct session *session = &execution->session;
    tally_words(tally, &words);
    error_set(err, ERROR_GATE, "%s is not approved%s%s", what, words.length ? ": " : "",
              text_string(&words));
    return error_hint(err,
                      "find out who recorded it: ecmig log %s --verify; to approve it: ecmig "
                      "approve sha256:%s%s%s --sign-with KEY %s",
                      session->config_words, execution->plan.digest, of, name,
                      session->config_words);
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
    journal_heed(execution->journal, &session->keys);
    return true;
}

/* Signed entries vouch for when an approval was relied on, and by whom. */
static bool count_again(struct execution *execution, const struct journal_run_files *files,
                        const struct reliance *reliance, struct tally *out, struct error *err) {
    const struct approval_policy *policy = &execution->signing.policy;
    const struct journal_entry *entry = &files->entries.items[reliance->entry];
    bool in_cutover = files->state.cutover != JOURNAL_MARK_COUNT;
    const struct approval_question question = {
        .digest = execution->plan.digest,
        .gate = reliance->gate,
        .policy = policy,
        .when = approval_policy_resumed(policy, journal_entry_time(entry), in_cutover),
        .applier = policy->sign_entries ? NULL : &execution->signing.entries
    };
    return approval_rely(execution->journal, &question, out, err);
}

/* What was approved once lies ahead again when a run is resumed: what a key signed no longer counts
 * once the key is revoked, and anybody with push rights can write that a gate was approved. */
bool execution_is_still_approved(struct execution *execution, const struct journal_run_files *files,
                                 struct error *err) {
    AUTO(tally_clear) struct tally tally = { 0 };
    AUTO(reliances_clear) struct reliances list = { 0 };
    if (!execution->signing.policy.file)
        return true;
    reliances_find(&execution->plan, &files->entries, &list);
    for (size_t i = 0; i < list.count; i++) {
        const char *gate = list.items[i].gate;
        if (!reliance_is_last(&list, i))
            continue;
        if (!count_again(execution, files, &list.items[i], &tally, err))
            return false;
        if (!tally_is_enough(&tally))
            return refuse_again(execution, gate, &tally, err);
    }
    return true;
}

/* The keys of an open run decide which plan may follow it. */
bool execution_may_follow(struct execution *execution, struct error *err) {
    AUTO(run_summaries_clear) struct run_summaries runs = { 0 };
    AUTO(string_free) char *missing = NULL;
    const struct session *session = &execution->session;
    const struct succession succession = { session->store, session->config.migration,
                                           &session->keys, &runs };
    if (!journal_history(session->store, session->config.migration, &runs, err) ||
        !succession_begins(&succession, execution->plan.digest, &missing, err))
        return false;
    if (!missing)
        return true;
    error_set(err, ERROR_GATE, "the plan may not take the place of what came before it: %s",
              missing);
    return error_hint(err,
                      "to approve it with such a key: ecmig plan%s --out PLAN %s, then ecmig "
                      "approve PLAN --sign-with KEY; or put 'approvals' back into the file",
                      execution->plan.core.mode == PLAN_ABORT ? " --mode abort" : "",
                      session->config_words);
}
