#include "planner/checks/check.h"

static void run_node(const struct check_input *input, const struct observed_node *node,
                     struct findings *out) {
    if (check_is(pairs_find(&node->settings, "port"), "0"))
        check_found(input, out, node->address, "the source has no plaintext port");
}

const struct check check_source_plain_port = {
    .title = "The source has a plaintext port",
    .reads = "CONFIG GET port",
    .cause = "port is 0: the source serves TLS only. ElastiCache replicates without TLS.",
    .risk = "The replication link never comes up.",
    .remedy = "open a plaintext port on the source for the duration of the migration, reachable "
              "from the target's subnets only",
    .severity = SEVERITY_ERROR,
    .facts = "port",
    .unread = SEVERITY_WARNING,
    .run_node = run_node,
};
