#include "planner/checks/check.h"

static void run_target(const struct check_input *input, const struct observed_target *target,
                       struct findings *out) {
    if (target->auth)
        check_found(input, out, check_target(input), "an AUTH token or user group is set");
}

const struct check check_target_auth = {
    .title = "The target has no AUTH token and no user group",
    .reads = "DescribeReplicationGroups AuthTokenEnabled, UserGroupIds",
    .cause = "AUTH and user groups require in-transit encryption, which must be off.",
    .risk = "StartMigration is refused, and ecmig cannot query the target's nodes.",
    .remedy = "remove token and user groups for the migration; add them after TLS is on again",
    .severity = SEVERITY_ERROR,
    .run_target = run_target,
};
