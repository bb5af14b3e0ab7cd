#include "planner/checks/check.h"
#include "planner/hours.h"
#include "planner/modify.h"

static void run_target(const struct check_input *input, const struct observed_target *target,
                       struct findings *out) {
    const struct config_window *window = &input->config->cutover.window;
    const char *hours = modify_changes(input->situation, "snapshot_window")
                            ? input->config->target.snapshot_window
                            : target->snapshot_window;
    if (target->snapshot_retention_days <= 0)
        return;
    if (window->not_before && hours_meet(window, hours))
        check_found(input, out, check_target(input),
                    "the cutover window overlaps the daily snapshot, %s UTC", hours);
    else
        check_found_as(input, out, SEVERITY_NOTE, check_target(input),
                       "a snapshot is taken every day at %s", hours ? hours : "an unknown time");
}

const struct check check_target_snapshots = {
    .title = "No automatic snapshot overlaps the migration",
    .reads = "DescribeReplicationGroups SnapshotRetentionLimit, SnapshotWindow; file: "
             "cutover.window",
    .cause = "The group takes a snapshot every day in its snapshot window.",
    .risk = "During a snapshot the status is snapshotting and StartMigration is refused; a "
            "snapshot also forks the target.",
    .remedy = "keep the migration out of the window, or move it: target.snapshot_window",
    .severity = SEVERITY_WARNING,
    .run_target = run_target,
};
