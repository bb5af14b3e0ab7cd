#include "planner/checks/check.h"

static void run(const struct check_input *input, struct findings *out) {
    const struct observed_target *target = &input->observed->target;
    if (!target->reachable || input->config->source.topology == TOPOLOGY_CLUSTER)
        return;
    int64_t shards = target->exists ? target->shards : input->config->target.shards;
    if (target->exists && target->cluster_enabled)
        check_found(input, out, check_target(input),
                    "the group is in cluster mode, the source is not");
    else if (shards != SHAPE_UNSET && shards > 1)
        check_found(input, out, check_target(input),
                    "a source of one shard cannot be migrated into several");
}

const struct check check_target_cluster_mode = {
    .title = "Source and target agree on cluster mode",
    .cause = "Online migration pairs each shard of the source with one of the target.",
    .risk = "StartMigration is refused, or keys do not find their slots.",
    .remedy = "migrate to a group of one shard with cluster mode disabled; change its cluster mode "
              "afterwards",
    .severity = SEVERITY_ERROR,
    .run = run,
};
