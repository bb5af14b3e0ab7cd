/* The target becomes a replica of the source. */
#include "planner/steps/step.h"

static bool must_start(const struct situation *situation) {
    return !situation->replicating && !situation->promoted;
}

static void describe(const struct step_words *of, struct text *reason) {
    const struct situation *situation = of->situation;
    if (situation->clustered)
        text_addf(reason, "StartMigration at %s: each shard replicates its own primary",
                  migration_address(situation));
    else
        text_addf(reason, "StartMigration: copy everything from %s, then follow it",
                  migration_address(situation));
}

static void add_effects(const struct situation *situation, struct plan_step *step) {
    if (situation->clustered) {
        effects_of_shards(situation, step, true);
    } else {
        effect_add(step, "target.replicates_from", NULL, migration_address(situation));
        effect_add(step, "target.role", "master", "slave");
    }
    effect_add(step, "target.status", "available", "migrating");
}

static void estimate(const struct situation *situation, struct text *range, struct text *basis) {
    text_add(range, usual_range(situation, "about 1 min"));
    text_add(basis, "measured once");
}

static unsigned permissions(const struct config *config) {
    (void)config;
    return IAM_START | IAM_MARK;
}

const struct planned_step planned_start_migration = {
    .modes = IN_MIGRATE,
    .scope = SCOPE_TARGET,
    .when = must_start,
    .phase = PHASE_REPLICATE,
    .action = ACTION_MOVE,
    .impact = IMPACT_LATENCY,
    .precondition = "the group is available, and empty unless target.replace_data is set",
    .done_when = "the target's primary replicates from the source",
    .undo_kind = "abort",
    .undo_until = STEP_SWITCH,
    .undo_loses = "the target's data",
    .attempts = 1,
    .timeout_s = MINUTES(15),
    .describe = describe,
    .add_effects = add_effects,
    .estimate = estimate,
    .permissions = permissions,
};
