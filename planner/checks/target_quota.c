#include "planner/checks/check.h"

#define NODES_OF_A_GROUP 90
#define REPLICAS_OF_A_SHARD 5

static void run(const struct check_input *input, struct findings *out) {
    const struct config_target *wanted = &input->config->target;
    if (input->observed->target.exists || !input->situation->looked)
        return;
    int64_t shards = wanted->shards == SHAPE_UNSET
                         ? (int64_t)situation_serving_shards(input->situation)
                         : wanted->shards;
    int64_t replicas = wanted->replicas_per_shard == SHAPE_UNSET ? 1 : wanted->replicas_per_shard;
    if (replicas > REPLICAS_OF_A_SHARD)
        check_found_as(input, out, SEVERITY_ERROR, check_target(input),
                       "a shard has at most %d replicas", REPLICAS_OF_A_SHARD);
    else if (shards * (1 + replicas) > NODES_OF_A_GROUP)
        check_found_as(input, out, SEVERITY_WARNING, check_target(input),
                       "more than %d nodes require a raised quota of the account",
                       NODES_OF_A_GROUP);
}

const struct check check_target_quota = {
    .title = "The group stays within the quotas",
    .reads = "file: target.shards, replicas_per_shard; CLUSTER NODES",
    .cause = "A shard has at most six nodes, and a group 90 unless AWS has raised the quota.",
    .risk = "Creating the group is refused.",
    .remedy =
        "request a higher quota (nodes per cluster per instance type), or choose fewer replicas",
    .severity = SEVERITY_ERROR,
    .run = run,
};
