#include "executor/steps/kinds.h"

const struct step_runner *step_runner_of(enum step_kind kind) {
    static const struct step_runner *const runners[] = {
#define STEP_KIND(symbol, name, key, section, field, effects) [STEP_##symbol] = &step_##name,
#include "schemas/plan/step_kinds.def"
    };
    return runners[kind];
}

bool step_may_come_later(const struct plan *plan, const struct plan_step *step) {
    return plan->core.mode == PLAN_ABORT && step_runner_of(step->kind)->may_come_later;
}
