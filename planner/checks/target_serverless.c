#include "planner/checks/check.h"

static void run(const struct check_input *input, struct findings *out) {
    if (input->observed->target.serverless)
        check_found(input, out, check_target(input), "the target is a serverless cache");
}

const struct check check_target_serverless = {
    .title = "The target is a node-based group",
    .reads = "DescribeServerlessCaches",
    .cause = "The service migrates to a serverless cache in a different way (PrepareMigration), in "
             "which clients move first; ecmig does not support it.",
    .risk = "StartMigration does not find a group of this name.",
    .remedy = "name a node-based group as the target, or follow the chapter on serverless caches "
              "in the service's guide, without ecmig",
    .severity = SEVERITY_ERROR,
    .run = run,
};
