#include "planner/checks/check.h"

#include "planner/version.h"

static void run_node(const struct check_input *input, const struct observed_node *node,
                     struct findings *out) {
    if (version_below(node->version, 2, 8, 21))
        check_found(input, out, node->address, "version %s is older than 2.8.21", node->version);
}

const struct check check_source_version = {
    .title = "The source is new enough",
    .cause = "Online migration replicates from Redis 2.8.21 and newer.",
    .risk = "The link between source and target never comes up.",
    .remedy = "upgrade the source, or add a newer replica of it and promote that one",
    .severity = SEVERITY_ERROR,
    .run_node = run_node,
};
