/* Abort: the group that the run created is deleted while it holds nothing. */
#include "planner/steps/step.h"

static bool must_remove(const struct situation *situation) {
    return situation->removes;
}

static void describe(const struct step_words *of, struct text *reason) {
    text_addf(reason, "delete replication group %s, which run %s created and which is empty",
              of->step->object, of->situation->observed->history.created_by);
}

static void add_effects(const struct situation *situation, struct plan_step *step) {
    effect_add(step, "target.exists", "true", "false");
    if (situation->config->target.parameters.count)
        effect_add(step, "target.parameter_group", situation->observed->target.parameter_group,
                   NULL);
}

static unsigned permissions(const struct config *config) {
    return iam_creates(config) ? IAM_REMOVE : 0;
}

const struct planned_step planned_remove_group = {
    .modes = IN_ABORT,
    .scope = SCOPE_TARGET,
    .when = must_remove,
    .phase = PHASE_FINISH,
    .action = ACTION_REMOVE,
    .precondition = "the group carries the tag of the aborted run and holds no key",
    .done_when = "the group does not exist, or it stays because it holds keys",
    .attempts = 3,
    .timeout_s = HOURS(1),
    .describe = describe,
    .add_effects = add_effects,
    .permissions = permissions,
};
