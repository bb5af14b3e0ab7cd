/* Source and target are compared while nobody can write. */
#include "planner/steps/step.h"

static bool must_compare(const struct situation *situation) {
    return situation->fences && situation->config->verify.after_cutover.mode != VERIFY_NONE &&
           !(situation->promoted && situation_done(situation, step_key_compare_still));
}

/* Writers are refused meanwhile; every key is what the file asks for, all the same. */
static int64_t timeout(const struct situation *situation) {
    return situation->config->verify.after_cutover.mode == VERIFY_FULL ? HOURS(4) : MINUTES(15);
}

static void describe(const struct step_words *of, struct text *reason) {
    describe_verify(&of->situation->config->verify.after_cutover, reason);
    if (of->situation->fences)
        text_add(reason, " while writers are refused");
}

const struct planned_step planned_compare_still = {
    .modes = IN_MIGRATE,
    .scope = SCOPE_TARGET,
    .when = must_compare,
    .phase = PHASE_CUT_OVER,
    .action = ACTION_CHECK,
    .done_when = "no difference remains that expiry and eviction do not explain",
    .attempts = 2,
    .timeout = timeout,
    .describe = describe,
};
