/* The run waits here for what the gate needs (schemas/plan/gate_conditions.def). */
#include "planner/steps/step.h"

static void describe(const struct step_words *of, struct text *reason) {
    (void)of;
    text_add(reason, "the cutover waits here");
}

const struct planned_step planned_gate = {
    .modes = IN_MIGRATE,
    .scope = SCOPE_TARGET,
    .when = before_promotion,
    .phase = PHASE_REPLICATE,
    .action = ACTION_GATE,
    .done_when = "every condition of the gate holds",
    .attempts = 1,
    .timeout_s = HOURS(24),
    .describe = describe,
};
