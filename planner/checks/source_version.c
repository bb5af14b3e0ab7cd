#include "planner/checks/check.h"

#include "planner/version.h"

/* The build that knows cluster mode is as old as the mode: 3.0. */
static void run_node(const struct check_input *input, const struct observed_node *node,
                     struct findings *out) {
    if (version_below(node->version, 2, 8, 21))
        check_found(input, out, node->address, "version %s is older than 2.8.21", node->version);
    else if (input->situation->clustered && version_below(node->version, 3, 0, 0))
        check_found(input, out, node->address, "version %s is older than cluster mode, 3.0",
                    node->version);
}

const struct check check_source_version = {
    .title = "The source is new enough for online migration",
    .reads = "INFO redis_version",
    .cause =
        "Online migration replicates from Redis 2.8.21 and newer. Cluster mode exists since 3.0.",
    .risk = "The link between source and target never comes up.",
    .remedy = "upgrade the source, or add a newer replica of it and promote that one",
    .severity = SEVERITY_ERROR,
    .facts = "version",
    .unread = SEVERITY_ERROR,
    .run_node = run_node,
};
