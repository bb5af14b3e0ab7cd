#include "planner/checks/check.h"

static void run(const struct check_input *input, struct findings *out) {
    const struct situation *situation = input->situation;
    if (!input->config->replication.test && !situation->replicating && !situation->promoted)
        check_found(input, out, check_target(input),
                    "the connection from the target to the source is not tested before the start");
}

const struct check check_migration_untested = {
    .title = "The connection is tested before the start",
    .reads = "file: replication.test",
    .cause = "replication.test is false. Security groups, routes and name resolution between the "
             "target's subnets and the source cannot be checked from this machine; TestMigration "
             "checks them.",
    .risk = "If the connection does not work, StartMigration retries for minutes and then fails; "
            "the group then becomes available again.",
    .remedy = "remove replication.test, or set it to true",
    .severity = SEVERITY_NOTE,
    .run = run,
};
