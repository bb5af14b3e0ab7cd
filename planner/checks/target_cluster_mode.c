#include "planner/checks/check.h"

static void run(const struct check_input *input, struct findings *out) {
    const struct observed_target *target = &input->observed->target;
    int64_t shards = target->exists ? target->shards : input->config->target.shards;
    if (!target->reachable)
        return;
    if (input->situation->clustered && !situation_target_clustered(input->situation))
        finding_remedy(check_found(input, out, check_target(input),
                                   "the source is in cluster mode, the group is not"),
                       "migrate to a group in cluster mode with as many shards as the source has; "
                       "target.create: true creates one under a new name");
    else if (!input->situation->clustered && target->exists && target->cluster_enabled)
        check_found(input, out, check_target(input),
                    "the group is in cluster mode, the source is not");
    else if (!input->situation->clustered && shards != SHAPE_UNSET && shards > 1)
        check_found(input, out, check_target(input),
                    "a source of one shard cannot be migrated to several");
}

const struct check check_target_cluster_mode = {
    .title = "Source and target have the same cluster mode",
    .reads = "DescribeReplicationGroups ClusterEnabled",
    .cause = "Online migration pairs each shard of the source with one of the target; no migration "
             "between a server without cluster mode and a group with it is documented.",
    .risk = "StartMigration is refused, or keys do not arrive in their slots.",
    .remedy = "migrate to a group of one shard with cluster mode disabled, and change its cluster "
              "mode afterwards: first to compatible, then to enabled (Valkey 7.2, Redis OSS 7.0 "
              "and newer, keys in database 0 only)",
    .severity = SEVERITY_ERROR,
    .run = run,
};
