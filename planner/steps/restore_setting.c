/* A parameter of source nodes gets back the value from before. */
#include "planner/steps/step.h"

static void describe(const struct step_words *of, struct text *reason) {
    text_addf(reason, "restore %s on %s", plan_step_setting(of->step), of->step->object);
}

const struct planned_step planned_restore_setting = {
    .modes = IN_MIGRATE | IN_ABORT,
    .scope = SCOPE_SETTING_TO_UNDO,
    .phase = PHASE_FINISH,
    .action = ACTION_CHANGE,
    .done_when = "CONFIG GET of every node shows the value",
    .attempts = 3,
    .timeout_s = MINUTES(2),
    .describe = describe,
};
