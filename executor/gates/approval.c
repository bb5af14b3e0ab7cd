/* Somebody approved this gate of this very plan, on the command line or in the state repository. */
#include <string.h>

#include "executor/gates/gate.h"
#include "schemas/base/clock.h"
#include "schemas/base/memory.h"

static bool record(struct step_run *run, const struct plan_gate *gate, struct error *err) {
    char now[CLOCK_TEXT_BYTES];
    clock_format(clock_wall_ms(), now);
    AUTO(string_free) char *who = xstrdup(run->site->actor), *how = xstrdup("apply --approve-gate");
    const struct approval approval = {
        .digest = run->site->plan->digest, .gate = gate->name, .who = who, .when = now, .how = how
    };
    bool found = false;
    return approval_record(run->site->store, run->site->config->migration, &approval, NULL, err) &&
           approval_rely(run->site->journal, run->site->plan->digest, gate->name, &found, err);
}

static bool pass(struct step_run *run, const struct plan_gate *gate, struct error *err) {
    bool found = false;
    if (!approval_rely(run->site->journal, run->site->plan->digest, gate->name, &found, err))
        return false;
    if (found)
        return true;
    const char *given = run->site->approved_gate;
    if (given && strcmp(given, gate->name) == 0)
        return record(run, gate, err);
    (void)error_set(err, ERROR_GATE, "waits for approval");
    return error_hint(err, "ecmig apply --approve-gate %s %s", gate->name,
                      run->site->config_file ? run->site->config_file : "FILE");
}

const struct gate_condition gate_condition_approval = { .name = "approval", .pass = pass };
