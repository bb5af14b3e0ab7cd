#include "planner/checks/check.h"

static void run(const struct check_input *input, struct findings *out) {
    const struct observed_target *target = &input->observed->target;
    const char *owner = input->config->target.managed_by;
    if (target->serverless || !target->reachable || target->exists ||
        situation_creates(input->situation))
        return;
    struct finding *finding =
        check_found(input, out, check_target(input), "the replication group does not exist");
    if (owner)
        finding_remedy(
            finding,
            "create it with %s, which target.managed_by names, or correct the name or the region",
            owner);
}

const struct check check_target_missing = {
    .title = "The target exists or may be created",
    .reads = "DescribeReplicationGroups; file: target.create",
    .cause = "This account and region has no replication group of this name, and target.create is "
             "not set.",
    .risk = "There is no target to migrate to.",
    .remedy = "correct the name or the region, or set target.create: true",
    .severity = SEVERITY_ERROR,
    .run = run,
};
