#include "planner/checks/check.h"

static void run_target(const struct check_input *input, const struct observed_target *target,
                       struct findings *out) {
    if (target->pending_changes)
        check_found(input, out, check_target(input), "the group has pending changes");
}

const struct check check_target_pending_changes = {
    .title = "The target has no pending changes",
    .reads = "DescribeReplicationGroups PendingModifiedValues",
    .cause = "A modification waits for the maintenance window.",
    .risk = "It may be applied during the migration and replace nodes or fail over.",
    .remedy = "apply or withdraw it before you start",
    .severity = SEVERITY_WARNING,
    .run_target = run_target,
};
