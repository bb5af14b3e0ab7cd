/* A group that exists becomes as the file wants it. */
#include "planner/steps/step.h"

static bool must_modify(const struct situation *situation) {
    return modify_has_differences(situation, MODIFY_GROUP);
}

static void describe(const struct step_words *of, struct text *reason) {
    text_addf(reason, "change %s: ", of->step->object);
    describe_changes(of->step, reason);
}

static void add_effects(const struct situation *situation, struct plan_step *step) {
    effects_of_differences(situation, MODIFY_GROUP, step);
}

static unsigned permissions(const struct config *config) {
    unsigned parameters = config->target.parameters.count ? IAM_PARAMETERS : 0;
    return iam_modifies(config) ? IAM_MODIFY | parameters : 0;
}

const struct planned_step planned_modify_group = {
    .modes = IN_MIGRATE,
    .scope = SCOPE_TARGET,
    .when = must_modify,
    .phase = PHASE_PREPARE,
    .action = ACTION_CHANGE,
    .precondition = "the group is available",
    .done_when = "the group is available with these values, and no change is pending",
    .attempts = 3,
    .timeout_s = HOURS(2),
    .describe = describe,
    .add_effects = add_effects,
    .permissions = permissions,
};
