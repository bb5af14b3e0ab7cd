#include "planner/checks/check.h"

/* Some states do not pass by waiting. */
static void tell_status(const struct check_input *input, const char *status, struct findings *out) {
    struct finding *finding = check_found(input, out, check_target(input),
                                          "the group's status is %s, not available", status);
    if (check_is(status, "create-failed"))
        finding_remedy(finding, "delete the group, then plan again, or name another one");
    else if (check_is(status, "deleting"))
        finding_remedy(finding, "wait until it is deleted, then plan again, or name another one");
}

static void run_target(const struct check_input *input, const struct observed_target *target,
                       struct findings *out) {
    const char *status = target->status ? target->status : "unknown";
    const char *from = situation_followed(target);
    if (check_is(status, "available") && from && !input->observed->history.open) {
        struct finding *finding =
            check_found(input, out, check_target(input),
                        "the group follows %s, and no migration of it is in progress", from);
        finding_remedy(finding, "the service left it in this state: delete it, or ask AWS Support");
        return;
    }
    if (check_is(status, "available") || from || input->situation->promoted)
        return;
    if (check_is(status, "snapshotting"))
        check_found(input, out, check_target(input), "a snapshot of the target is being taken");
    else if (check_is(status, "migrating"))
        check_found(input, out, check_target(input),
                    "the group is migrating, and its source is not known");
    else
        tell_status(input, status, out);
}

const struct check check_target_status = {
    .title = "The target is available",
    .reads = "DescribeReplicationGroups Status",
    .cause = "The replication group is being changed, backed up or repaired.",
    .risk = "StartMigration and CompleteMigration are refused in this state.",
    .remedy = "wait until the status is available, then plan again; move the snapshot window so "
              "that it does not overlap the migration",
    .severity = SEVERITY_ERROR,
    .run_target = run_target,
};
