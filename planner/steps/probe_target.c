/* A write and a read in every shard of the target. */
#include "planner/steps/step.h"

static void describe(const struct step_words *of, struct text *reason) {
    (void)of;
    text_add(reason, "write to every shard of the target and read it back");
}

const struct planned_step planned_probe_target = {
    .modes = IN_MIGRATE,
    .scope = SCOPE_TARGET,
    .phase = PHASE_FINISH,
    .action = ACTION_CHECK,
    .done_when = "each shard accepts a write and returns it",
    .attempts = 3,
    .timeout_s = MINUTES(2),
    .describe = describe,
};
