#include "planner/checks/check.h"

static void run_target(const struct check_input *input, const struct observed_target *target,
                       struct findings *out) {
    if (target->global_datastore && *target->global_datastore)
        check_found(input, out, check_target(input), "the group belongs to global datastore %s",
                    target->global_datastore);
}

const struct check check_target_global_datastore = {
    .title = "The target is not in a global datastore",
    .reads = "DescribeReplicationGroups GlobalReplicationGroupInfo",
    .cause = "A member of a global datastore cannot be a migration target.",
    .risk = "StartMigration is refused.",
    .remedy = "migrate first, then create the global datastore from the group",
    .severity = SEVERITY_ERROR,
    .run_target = run_target,
};
