/* The source's replication log is read from the fence on. */
#include "planner/steps/step.h"

static bool must_audit(const struct situation *situation) {
    return !(situation->promoted && situation_done(situation, step_key_audit));
}

static void describe(const struct step_words *of, struct text *reason) {
    text_addf(reason, "check that no write escaped: %s replication log after the fence is empty",
              of->situation->clustered ? "every primary's" : "the source's");
}

const struct planned_step planned_audit = {
    .modes = IN_MIGRATE,
    .scope = SCOPE_PRIMARY,
    .when = must_audit,
    .phase = PHASE_CUT_OVER,
    .action = ACTION_CHECK,
    .done_when = "the replication log after the fence contains no write",
    .attempts = 2,
    .timeout_s = MINUTES(2),
    .describe = describe,
};
