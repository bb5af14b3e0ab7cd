#include "planner/checks/check.h"

#include <inttypes.h>

static void run(const struct check_input *input, struct findings *out) {
    const struct observed_target *target = &input->observed->target;
    int64_t shards = target->exists ? target->shards : input->config->target.shards;
    int64_t own = (int64_t)situation_serving_shards(input->situation);
    if (!input->situation->clustered || !input->situation->looked || shards == SHAPE_UNSET ||
        shards == own || !situation_target_clustered(input->situation))
        return;
    struct finding *finding =
        check_found(input, out, check_target(input), "%" PRId64 " shards, the source has %" PRId64,
                    shards, own);
    if (!target->exists)
        finding_remedy(finding, "set target.shards to %" PRId64 ", or remove it", own);
}

const struct check check_target_shard_count = {
    .title = "Source and target have the same number of shards",
    .reads = "CLUSTER NODES; DescribeReplicationGroups NodeGroups",
    .cause = "The migration guide requires the same number of shards on both sides of a migration "
             "in cluster mode, and AWS calls it a hard prerequisite.",
    .risk = "StartMigration is refused.",
    .remedy = "reshard the target to the same number (or the source, before the migration)",
    .severity = SEVERITY_ERROR,
    .run = run,
};
