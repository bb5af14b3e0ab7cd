/* Abort: the group lets go of the source. */
#include <string.h>

#include "planner/steps/step.h"

static bool must_force(const struct situation *situation) {
    return situation->migrating;
}

static void describe(const struct step_words *of, struct text *reason) {
    text_addf(reason, "CompleteMigration with Force: %s stops following and keeps what it has then",
              of->step->object);
}

/* The effects that are not there already: the group may have been promoted, or never have followed.
 */
static void add_effects(const struct situation *situation, struct plan_step *step) {
    const struct observed_target *target = &situation->observed->target;
    if (target->replicates_from)
        effect_add(step, "target.replicates_from", target->replicates_from, NULL);
    if (target->role && strcmp(target->role, "master") != 0)
        effect_add(step, "target.role", target->role, "master");
    for (size_t i = 0; i < target->shard_list.count; i++) {
        const struct observed_target_shard *shard = &target->shard_list.items[i];
        if (shard->replicates_from)
            effect_of_shard(step, i, "replicates_from", shard->replicates_from, NULL);
        if (shard->role && strcmp(shard->role, "master") != 0)
            effect_of_shard(step, i, "role", shard->role, "master");
    }
    if (target->status && strcmp(target->status, "available") != 0)
        effect_add(step, "target.status", target->status, "available");
}

static unsigned permissions(const struct config *config) {
    (void)config;
    return IAM_COMPLETE;
}

const struct planned_step planned_force_complete = {
    .modes = IN_ABORT,
    .scope = SCOPE_TARGET,
    .when = must_force,
    .phase = PHASE_ABORT,
    .action = ACTION_CHANGE,
    .done_when = "the group is available and its primary follows no source",
    .attempts = 3,
    .timeout_s = COMPLETE_TIMEOUT_S,
    .describe = describe,
    .add_effects = add_effects,
    .permissions = permissions,
};
