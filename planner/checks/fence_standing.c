#include "planner/checks/check.h"

#include <stdlib.h>

static void run_node(const struct check_input *input, const struct observed_node *node,
                     struct findings *out) {
    const struct observed_history *history = &input->observed->history;
    const char *name = situation_fence_setting(node);
    const char *value = name ? pairs_find(&node->settings, name) : NULL;
    if (!value)
        return;
    long long number = strtoll(value, NULL, 10);
    if (number < FENCE_LOWEST || number >= FENCE_BELOW)
        return;
    bool ours = check_is(history->fence, value);
    bool aborts = input->situation->mode == PLAN_ABORT;
    if (ours && (history->open || aborts))
        return;
    if (ours && input->situation->finished)
        finding_remedy(
            check_found_as(input, out, SEVERITY_NOTE, node->address,
                           "fenced by the finished migration: writes are refused"),
            "the fence stays so that nobody writes to the old source; to lift it: CONFIG SET %s 0",
            name);
    else if (aborts)
        check_found_as(input, out, SEVERITY_WARNING, node->address,
                       "a fence that this migration did not set is in place; it is not lifted");
    else
        check_found(
            input, out, node->address,
            ours ? "the fence of an earlier run is in place: writes are refused"
                 : "a fence that this migration did not set is in place: writes are refused");
}

const struct check check_fence_standing = {
    .title = "The source is not fenced",
    .reads = "CONFIG GET min-replicas-to-write; journal: our fence",
    .cause = "min-replicas-to-write has a value that only a fence has; it was set by another "
             "migration, or by a run of this migration that is no longer open.",
    .risk = "Writers get NOREPLICAS. Another process may be in its cutover right now.",
    .remedy = "find the run that set it ('ecmig status' on its record) and resume or abort it. If "
              "there is none, and no application has moved to a target: CONFIG SET "
              "min-replicas-to-write 0 (min-slaves-to-write before 5.0)",
    .severity = SEVERITY_ERROR,
    .when_finished = true,
    .when_aborting = true,
    .run_node = run_node,
};
