#include "planner/checks/check.h"

static void run(const struct check_input *input, struct findings *out) {
    if (input->observed->target.serverless)
        check_found(input, out, check_target(input), "the target is a serverless cache");
}

const struct check check_target_serverless = {
    .title = "The target is a node-based group",
    .reads = "DescribeServerlessCaches",
    .cause = "Online migration does not support serverless caches.",
    .risk = "StartMigration knows no such group.",
    .remedy = "migrate to a node-based group; move to serverless later through a snapshot",
    .severity = SEVERITY_ERROR,
    .run = run,
};
