#include "planner/checks/check.h"

static void run(const struct check_input *input, struct findings *out) {
    const struct strings *list = &input->observed->source.agreement.failing;
    for (size_t i = 0; input->situation->clustered && i < list->count; i++)
        check_found(input, out, list->items[i], "other members report it as failing");
}

const struct check check_source_node_failing = {
    .title = "No member of the cluster is failing",
    .reads = "CLUSTER NODES flags",
    .cause = "CLUSTER NODES of a member marks another as fail, fail? or handshake, or shows no "
             "link to it.",
    .risk = "A failover may be in progress, and a replica that cannot be fenced could accept "
            "writes later.",
    .remedy = "repair the server, or remove it with CLUSTER FORGET on every other member",
    .severity = SEVERITY_ERROR,
    .run = run,
};
