/* The fence, and CompleteMigration: the target is promoted. */
#include "planner/steps/step.h"

static void describe(const struct step_words *of, struct text *reason) {
    if (of->situation->fences)
        text_addf(reason, "fence the source, send CompleteMigration; writers are refused until %s",
                  step_id_of(of->core, STEP_SWITCH));
    else
        text_add(reason, "send CompleteMigration; NOTHING KEEPS WRITERS FROM THE SOURCE");
}

static void add_effects(const struct situation *situation, struct plan_step *step) {
    if (situation->clustered) {
        effects_of_shards(situation, step, false);
    } else {
        effect_add(step, "target.replicates_from", migration_address(situation), NULL);
        effect_add(step, "target.role", "slave", "master");
    }
    effect_add(step, "target.status", "migrating", "available");
}

static void estimate(const struct situation *situation, struct text *range, struct text *basis) {
    text_add(range, usual_range(situation, RANGE_COMPLETE));
    text_add(basis, "a guess");
}

static unsigned permissions(const struct config *config) {
    (void)config;
    return IAM_COMPLETE;
}

const struct planned_step planned_complete = {
    .modes = IN_MIGRATE,
    .scope = SCOPE_TARGET,
    .when = before_promotion,
    .phase = PHASE_CUT_OVER,
    .action = ACTION_CHANGE,
    .impact = IMPACT_WRITE_PAUSE,
    .precondition = "the target has caught up with every source primary after the fence",
    .done_when = "every target primary is promoted, with the source's history and past its last "
                 "offset",
    .undo_kind = "abort",
    .undo_until = STEP_SWITCH,
    .undo_loses = "the target's data; the source stays authoritative",
    .attempts = 1,
    .timeout_s = COMPLETE_TIMEOUT_S,
    .describe = describe,
    .add_effects = add_effects,
    .estimate = estimate,
    .permissions = permissions,
};
