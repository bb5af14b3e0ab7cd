/* A group that exists gets as many replicas as the file wants. */
#include "planner/steps/step.h"

static bool must_add_replicas(const struct situation *situation) {
    return modify_has_differences(situation, MODIFY_REPLICAS);
}

static void describe(const struct step_words *of, struct text *reason) {
    text_addf(reason, "add replicas to %s: ", of->step->object);
    describe_changes(of->step, reason);
}

static void add_effects(const struct situation *situation, struct plan_step *step) {
    effects_of_differences(situation, MODIFY_REPLICAS, step);
}

static unsigned permissions(const struct config *config) {
    bool owned = config->target.managed_by != NULL;
    return !owned && config->target.replicas_per_shard > 0 ? IAM_REPLICAS : 0;
}

const struct planned_step planned_add_replicas = {
    .modes = IN_MIGRATE,
    .scope = SCOPE_TARGET,
    .when = must_add_replicas,
    .phase = PHASE_PREPARE,
    .action = ACTION_CHANGE,
    .precondition = "the group is available",
    .done_when = "the group is available with as many replicas in each shard",
    .attempts = 3,
    .timeout_s = HOURS(2),
    .describe = describe,
    .add_effects = add_effects,
    .permissions = permissions,
};
