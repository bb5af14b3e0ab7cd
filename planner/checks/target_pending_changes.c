#include "planner/checks/check.h"

static void run_target(const struct check_input *input, const struct observed_target *target,
                       struct findings *out) {
    if (target->pending_changes)
        check_found(input, out, check_target(input), "changes of the group wait to be applied");
}

const struct check check_target_pending_changes = {
    .title = "No change of the target is pending",
    .reads = "DescribeReplicationGroups PendingModifiedValues",
    .cause = "A modification waits for the maintenance window.",
    .risk = "It may start in the middle of the migration and replace nodes or fail over.",
    .remedy = "apply it now or withdraw it before starting",
    .severity = SEVERITY_WARNING,
    .run_target = run_target,
};
