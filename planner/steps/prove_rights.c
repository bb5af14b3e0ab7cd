/* What the cutover sends to the source is tried while it changes nothing. */
#include "planner/steps/step.h"

static bool needs_rights(const struct situation *situation) {
    return situation->fences && !situation->promoted;
}

static void describe(const struct step_words *of, struct text *reason) {
    text_addf(reason, "check the right to fence%s and to disconnect clients on %s",
              of->situation->pauses ? ", to pause" : "", of->step->object);
}

const struct planned_step planned_prove_rights = {
    .modes = IN_MIGRATE,
    .scope = SCOPE_ALL_NODES,
    .when = needs_rights,
    .phase = PHASE_PREPARE,
    .action = ACTION_CHECK,
    .done_when = "setting the fence's parameter to its current value, and each other command of "
                 "the cutover, is allowed",
    .attempts = 3,
    .timeout_s = MINUTES(2),
    .describe = describe,
};
