/* Source and target are compared while writers write. */
#include "planner/steps/step.h"

static bool must_compare(const struct situation *situation) {
    return situation->config->verify.before_cutover.mode != VERIFY_NONE && !situation->promoted;
}

static void describe(const struct step_words *of, struct text *reason) {
    describe_verify(&of->situation->config->verify.before_cutover, reason);
}

const struct planned_step planned_compare = {
    .modes = IN_MIGRATE,
    .scope = SCOPE_TARGET,
    .when = must_compare,
    .phase = PHASE_REPLICATE,
    .action = ACTION_CHECK,
    .impact = IMPACT_LATENCY,
    .precondition = "in sync",
    .done_when = "no difference remains",
    .attempts = 2,
    .timeout_s = HOURS(1),
    .describe = describe,
};
