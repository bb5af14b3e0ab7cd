/* Enough people approved this gate of this very plan, on the command line or in the state
 * repository. */
#include <string.h>

#include "executor/gates/gate.h"
#include "executor/record/tally.h"
#include "schemas/base/clock.h"
#include "schemas/base/memory.h"

/* Under a policy only a signed approval is worth recording, and the applier's own may not count. */
static bool may_record(const struct site *site) {
    return !site->policy->file || (site->approver && site->approver->key);
}

static bool record(struct step_run *run, const struct plan_gate *gate, struct error *err) {
    struct site *site = run->site;
    char now[CLOCK_TEXT_BYTES];
    clock_format(clock_wall_ms(), now);
    AUTO(string_free) char *who = xstrdup(site->actor), *how = xstrdup("apply --approve-gate");
    AUTO(approval_clear) struct approval given = { 0 };
    const struct approval approval = {
        .digest = site->plan->digest, .gate = gate->name, .who = who, .when = now, .how = how
    };
    const char *migration = site->config->migration;
    const struct approval_place place = { site->store, migration, site->plan->digest };
    return (!site->policy->file ||
            approval_sign(&place, site->approver, &approval, NULL, &given, err)) &&
           approval_record(site->store, migration, site->policy->file ? &given : &approval, NULL,
                           err);
}

static bool refuse(const struct site *site, const struct plan_gate *gate, const struct tally *tally,
                   struct error *err) {
    AUTO(text_clear) struct text words = { 0 };
    const char *file = site->config_file ? site->config_file : "FILE";
    tally_words(tally, &words);
    error_set(err, ERROR_GATE, "waits for approval%s%s", words.length ? ": " : "",
              text_string(&words));
    if (site->policy->file)
        return error_hint(err, "ecmig approve sha256:%s --gate %s --sign-with KEY %s",
                          site->plan->digest, gate->name, file);
    return error_hint(err, "ecmig apply --approve-gate %s %s", gate->name, file);
}

static bool pass(struct step_run *run, const struct plan_gate *gate, struct error *err) {
    struct site *site = run->site;
    AUTO(tally_clear) struct tally tally = { 0 };
    const struct approval_question question = { .digest = site->plan->digest,
                                                .gate = gate->name,
                                                .policy = site->policy,
                                                .when = approval_policy_now,
                                                .applier = site->signer };
    const char *given = site->approved_gate;
    if (!approval_policy_look(site->policy, site->config_folder, err) ||
        !approval_rely(site->journal, &question, &tally, err))
        return false;
    if (!tally_is_enough(&tally) && given && strcmp(given, gate->name) == 0 && may_record(site) &&
        (!record(run, gate, err) || !approval_rely(site->journal, &question, &tally, err)))
        return false;
    return tally_is_enough(&tally) || refuse(site, gate, &tally, err);
}

const struct gate_condition gate_condition_approval = { .name = "approval", .pass = pass };
