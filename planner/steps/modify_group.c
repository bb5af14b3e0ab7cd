/* A group that exists becomes as the file wants it; and, once the migration is over, as the file
 * wants it from then on: another node type, snapshots. */
#include "planner/steps/step.h"

#include <inttypes.h>

#include "schemas/base/memory.h"

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
    return iam_modifies(config) ? IAM_MODIFY | IAM_PARAMETERS : 0;
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

static const char *differing(const char *wanted, const char *seen) {
    return wanted && !string_same(wanted, seen) ? wanted : NULL;
}

/* Against the group as the cutover leaves it. */
static const char *node_type_later(const struct situation *situation) {
    return differing(situation->config->target.after_cutover.node_type,
                     modify_node_type(situation));
}

static const char *window_later(const struct situation *situation) {
    const struct config_target *wanted = &situation->config->target;
    return differing(wanted->after_cutover.snapshot_window,
                     wanted->snapshot_window ? wanted->snapshot_window
                                             : situation->observed->target.snapshot_window);
}

static int64_t retention_later(const struct situation *situation) {
    int64_t wanted = situation->config->target.after_cutover.snapshot_retention_days;
    return wanted == situation->observed->target.snapshot_retention_days ? 0 : wanted;
}

static bool must_modify_later(const struct situation *situation) {
    return !situation->config->target.managed_by &&
           (node_type_later(situation) || window_later(situation) || retention_later(situation));
}

static void describe_later(const struct step_words *of, struct text *reason) {
    text_addf(reason, "change %s: ", of->step->object);
    describe_changes(of->step, reason);
    if (node_type_later(of->situation))
        text_add(reason, "; every node is replaced, and clients reconnect");
}

static void add_effects_later(const struct situation *situation, struct plan_step *step) {
    const struct observed_target *target = &situation->observed->target;
    const char *type = node_type_later(situation), *window = window_later(situation);
    AUTO(string_free) char *days = xasprintf("%" PRId64, retention_later(situation));
    AUTO(string_free) char *seen = xasprintf("%" PRId64, target->snapshot_retention_days);
    if (type)
        effect_add(step, "target.node_type", modify_node_type(situation), type);
    if (retention_later(situation))
        effect_add(step, "target.snapshot_retention_days", seen, days);
    if (window)
        effect_add(step, "target.snapshot_window", target->snapshot_window, window);
}

static void estimate_later(const struct situation *situation, struct text *range,
                           struct text *basis) {
    bool replaces = node_type_later(situation);
    text_add(range, usual_range(situation, replaces ? "20-60 min" : "1-5 min"));
    text_add(basis, "the service publishes no figure");
}

static unsigned permissions_later(const struct config *config) {
    const struct config_after_cutover *after = &config->target.after_cutover;
    bool given = after->node_type || after->snapshot_window || after->snapshot_retention_days;
    return given && !config->target.managed_by ? IAM_MODIFY : 0;
}

const struct planned_step planned_modify_group_later = {
    .modes = IN_MIGRATE,
    .scope = SCOPE_TARGET,
    .when = must_modify_later,
    .phase = PHASE_FINISH,
    .action = ACTION_CHANGE,
    .impact = IMPACT_DISCONNECT,
    .precondition = "the group is available",
    .done_when = "the group is available with these values, and no change is pending",
    .attempts = 3,
    .timeout_s = HOURS(4),
    .describe = describe_later,
    .add_effects = add_effects_later,
    .estimate = estimate_later,
    .permissions = permissions_later,
};
