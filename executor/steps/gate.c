/* The gate before the cutover: approved, in sync for the time asked, verified, and the environment
 * as the plan saw it. Waiting here costs nothing: the target continues to replicate. */
#include <inttypes.h>
#include <string.h>

#include "executor/gates/gate.h"
#include "executor/record/pins.h"
#include "executor/site/endpoint_proof.h"
#include "executor/site/mark.h"
#include "executor/steps/step.h"
#include "schemas/base/memory.h"

static const struct plan_gate *gate_of(const struct step_run *run) {
    const struct plan_core *core = &run->site->plan->core;
    for (size_t i = 0; i < core->gates.count; i++)
        if (strcmp(core->gates.items[i].step, run->step->id) == 0)
            return &core->gates.items[i];
    return NULL;
}

#define ROUNDS_MAX 3

static bool pass_all(struct step_run *run, const struct plan_gate *gate, struct error *err) {
    for (size_t i = 0; i < gate->needs.count; i++) {
        const struct gate_condition *condition = gate_condition_find(gate->needs.items[i]);
        if (!condition)
            return error_set(err, ERROR_FORMAT, "the gate '%s' needs '%s', which is unknown here",
                             gate->name, gate->needs.items[i]);
        if (!condition->pass(run, gate, err))
            return error_wrap(err, "gate '%s'", gate->name);
    }
    return true;
}

/* Ready hooks take their time: what was seen before they ran is looked at again. */
static bool pass_at_once(struct step_run *run, const struct plan_gate *gate, struct error *err) {
    const struct journal_state *state = journal_state(run->site->journal);
    for (int round = 0; round < ROUNDS_MAX; round++) {
        int64_t seq = state->ready_seq;
        if (!pass_all(run, gate, err))
            return false;
        if (state->ready_seq == seq)
            break;
    }
    return true;
}

static bool pass(struct step_run *run, struct error *err) {
    const struct plan_gate *gate = gate_of(run);
    if (!gate)
        return error_set(err, ERROR_FORMAT, "the plan has no gate for step %s", run->step->id);
    json_put_string(run->evidence, "gate", gate->name);
    /* A hook that changed is found out here, where it costs the writers nothing. */
    const struct pins pins = site_pins(run->site);
    if (!pins_all_hooks(&pins, run->site->config, err) || !mark_watch(run->site, true, err))
        return error_wrap(err, "gate '%s'", gate->name);
    if (!pass_at_once(run, gate, err))
        return false;
    /* What was proven says more, and whose history may be continued. */
    if (!endpoint_recorded(journal_state(run->site->journal)))
        json_put(run->evidence, "endpoint", endpoint_seen_json(run->site));
    return true;
}

const struct step_runner step_gate = { .reads = true, .run = pass };
