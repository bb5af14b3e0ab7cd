#include "planner/checks/check.h"

static void run(const struct check_input *input, struct findings *out) {
    const struct observed_target *target = &input->observed->target;
    if (!input->situation->serverless)
        return;
    struct finding *finding =
        check_found(input, out, check_target(input),
                    "the target is a serverless cache, which ecmig does not migrate to yet");
    const char *about = "the service offers PrepareMigration, then StartMigration (AutoCutover: it "
                        "cuts over itself), CompleteMigration for a manual cutover, and "
                        "StopMigration while it syncs; applications are pointed at the serverless "
                        "endpoint first, and the service passes them on to the source until the "
                        "cutover";
    if (target->migration_status)
        finding_detail(finding, "%s; its migration is %s now", about, target->migration_status);
    else if (target->serverless || !target->reachable ||
             pairs_find(&target->unknown, "DescribeServerlessCaches"))
        finding_detail(finding, "%s", about);
    else
        finding_detail(finding, "%s; no serverless cache of this name exists here", about);
}

const struct check check_target_serverless = {
    .title = "The target is a node-based group",
    .reads = "DescribeServerlessCaches; file: target.serverless_cache",
    .cause = "The service migrates to a serverless cache with other calls and in another order "
             "(PrepareMigration; applications move first), which ecmig knows but does not send.",
    .risk = "StartMigration does not find a replication group of this name, and the fence and the "
            "switch of a plan would come at the wrong moments.",
    .remedy = "name a node-based group in target.replication_group, or migrate with the AWS CLI as "
              "the chapter 'Migrating to ElastiCache' of the user guide describes",
    .severity = SEVERITY_ERROR,
    .when_serverless = true,
    .run = run,
};
