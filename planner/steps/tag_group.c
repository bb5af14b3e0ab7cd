/* A group that exists gets the tags of the file. */
#include "planner/steps/step.h"

static bool must_tag(const struct situation *situation) {
    return modify_has_differences(situation, MODIFY_TAGS);
}

static void describe(const struct step_words *of, struct text *reason) {
    text_addf(reason, "tag %s: ", of->step->object);
    describe_changes(of->step, reason);
}

static void add_effects(const struct situation *situation, struct plan_step *step) {
    effects_of_differences(situation, MODIFY_TAGS, step);
}

static unsigned permissions(const struct config *config) {
    return iam_modifies(config) && config->target.tags.count ? IAM_TAGS : 0;
}

const struct planned_step planned_tag_group = {
    .modes = IN_MIGRATE,
    .scope = SCOPE_TARGET,
    .when = must_tag,
    .phase = PHASE_PREPARE,
    .action = ACTION_CHANGE,
    .precondition = "the group is available",
    .done_when = "the group has the tags",
    .attempts = 3,
    .timeout_s = MINUTES(15),
    .describe = describe,
    .add_effects = add_effects,
    .permissions = permissions,
};
