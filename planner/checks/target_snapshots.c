#include "planner/checks/check.h"

static void run_target(const struct check_input *input, const struct observed_target *target,
                       struct findings *out) {
    if (target->snapshot_retention_days > 0)
        check_found(input, out, check_target(input), "a snapshot is taken every day at %s",
                    target->snapshot_window ? target->snapshot_window : "an unknown time");
}

const struct check check_target_snapshots = {
    .title = "No automatic snapshot meets the migration",
    .reads = "DescribeReplicationGroups SnapshotRetentionLimit, SnapshotWindow",
    .cause = "The group takes a snapshot every day in its window.",
    .risk = "While one is taken the status is snapshotting, and StartMigration is refused; it also "
            "forks the target.",
    .remedy = "keep the migration out of the window, or move it: target.snapshot_window",
    .severity = SEVERITY_NOTE,
    .run_target = run_target,
};
