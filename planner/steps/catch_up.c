/* The target has the last write of the source. */
#include "planner/steps/step.h"

static bool holds(const struct situation *situation) {
    return situation->holds;
}

static void describe(const struct step_words *of, struct text *reason) {
    text_addf(reason, "wait until %s has every write of the source",
              of->situation->clustered ? "every shard of the target" : "target");
}

const struct planned_step planned_catch_up = {
    .modes = IN_MIGRATE,
    .scope = SCOPE_TARGET,
    .when = before_promotion,
    .phase = PHASE_CUT_OVER,
    .action = ACTION_CHECK,
    .done_when = "the target is at or past the source's offset",
    .undo_kind = "release",
    .undo_until = STEP_COMPLETE,
    .is_undone = holds,
    .attempts = 1,
    .timeout = write_pause_s,
    .describe = describe,
};
