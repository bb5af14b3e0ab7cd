#include "planner/checks/check.h"
#include "planner/modify.h"

static void run(const struct check_input *input, struct findings *out) {
    const struct observed_target *target = &input->observed->target;
    const struct config_target *wanted = &input->config->target;
    if (!target->reachable)
        return;
    if (target->exists) {
        if (modify_replicas(input->situation) == 0)
            check_found(input, out, check_target(input), "Multi-AZ needs at least one replica");
        if (modify_changes(input->situation, "multi_az")) {
            if (wanted->multi_az == TRI_NO)
                check_found(input, out, check_target(input),
                            "the file asks for a group without Multi-AZ");
            return;
        }
        if (!check_is(target->multi_az, "enabled"))
            check_found(input, out, check_target(input), "Multi-AZ is not enabled");
        if (!check_is(target->automatic_failover, "enabled"))
            check_found(input, out, check_target(input), "automatic failover is not enabled");
    } else if (situation_creates(input->situation)) {
        if (wanted->multi_az == TRI_NO)
            check_found(input, out, check_target(input),
                        "the file asks for a group without Multi-AZ");
        if (wanted->replicas_per_shard == 0)
            check_found(input, out, check_target(input), "Multi-AZ needs at least one replica");
    }
}

const struct check check_target_multi_az = {
    .title = "Multi-AZ and automatic failover are enabled",
    .reads = "DescribeReplicationGroups MultiAZ, AutomaticFailover",
    .cause = "Every edition of the migration guide requires Multi-AZ, which requires automatic "
             "failover and a replica in each shard.",
    .risk = "StartMigration is refused.",
    .remedy = "enable Multi-AZ with automatic failover, and give each shard a replica",
    .severity = SEVERITY_ERROR,
    .run = run,
};
