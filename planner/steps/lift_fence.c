/* Abort: the fence is taken off every source node. */
#include <string.h>

#include "planner/steps/step.h"
#include "schemas/base/memory.h"

static bool must_lift_first(const struct situation *situation) {
    return situation->observed->history.fence && !situation->sent;
}

static bool must_lift_last(const struct situation *situation) {
    return situation->observed->history.fence && situation->sent;
}

static void describe(const struct step_words *of, struct text *reason) {
    (void)of;
    text_add(reason, "lift the fence on every source node: the source accepts writes");
}

static void add_lifted(const struct situation *situation, size_t index, const char *setting,
                       const char *what, struct plan_step *step) {
    const struct observed_node *node = &situation->observed->source.nodes.items[index];
    AUTO(string_free) char *known = xasprintf("%s %s", node->address, what);
    AUTO(string_free) char *field = xasprintf("source.nodes[%zu].settings.%s", index, setting);
    const char *before = pairs_find(&situation->observed->history.fence_before, known);
    const char *present = pairs_find(&node->settings, setting);
    if (before && present && strcmp(before, present) != 0)
        effect_add(step, field, present, before);
}

/* A node that does not answer carries the fence as far as anybody knows. */
static void add_unseen(const struct situation *situation, size_t index, struct plan_step *step) {
    const struct observed_history *history = &situation->observed->history;
    AUTO(string_free)
    char *known = xasprintf("%s write", situation->observed->source.nodes.items[index].address);
    AUTO(string_free)
    char *field = xasprintf("source.nodes[%zu].settings.min-replicas-to-write", index);
    const char *before = pairs_find(&history->fence_before, known);
    if (history->fence && before)
        effect_add(step, field, history->fence, before);
}

static void add_effects(const struct situation *situation, struct plan_step *step) {
    for (size_t i = 0; i < situation->observed->source.nodes.count; i++) {
        const struct observed_node *node = &situation->observed->source.nodes.items[i];
        const char *write = situation_fence_setting(node);
        if (!node->reachable)
            add_unseen(situation, i, step);
        if (!situation_is_fenced(situation, node))
            continue;
        bool old_name = strcmp(write, "min-slaves-to-write") == 0;
        add_lifted(situation, i, write, "write", step);
        add_lifted(situation, i, old_name ? "min-slaves-max-lag" : "min-replicas-max-lag", "lag",
                   step);
    }
}

#define LIFT_FENCE(condition)                                                                      \
    {                                                                                              \
        .modes = IN_ABORT, .scope = SCOPE_PRIMARY, .when = condition, .phase = PHASE_ABORT,        \
        .action = ACTION_CHANGE,                                                                   \
        .done_when = "no source node carries the fence of the run that is aborted", .attempts = 3, \
        .timeout_s = MINUTES(2), .describe = describe, .add_effects = add_effects,                 \
    }

const struct planned_step planned_lift_fence = LIFT_FENCE(must_lift_first);
const struct planned_step planned_lift_fence_last = LIFT_FENCE(must_lift_last);
