/* Every comparison planned before this gate was clean. */
#include <string.h>

#include "executor/gates/gate.h"

static bool pass(struct step_run *run, const struct plan_gate *gate, struct error *err) {
    const struct plan *plan = run->site->plan;
    for (size_t i = 0; i < plan->core.steps.count; i++) {
        const struct plan_step *step = &plan->core.steps.items[i];
        if (strcmp(step->id, gate->step) == 0)
            return true;
        if (step->kind == STEP_COMPARE &&
            journal_progress_of(journal_state(run->site->journal), step->key) != PROGRESS_DONE)
            return error_set(err, ERROR_BLOCKED, "step %s has not compared the data", step->id);
    }
    return true;
}

const struct gate_condition gate_condition_verified = { .name = "verified", .pass = pass };
