#include "planner/checks/check.h"

static void run(const struct check_input *input, struct findings *out) {
    const struct observed_node *node = input->now->primary;
    if (!node || !node->reachable || !node->role || check_is(node->role, "master"))
        return;
    struct finding *finding = check_found(input, out, node->address, "this server is a replica");
    if (node->follows) {
        finding_detail(finding, "it follows %s", node->follows);
        finding_remedy(finding, "name the primary in source.nodes: %s", node->follows);
    }
}

const struct check check_source_is_primary = {
    .title = "The configured source is a primary",
    .cause = "ROLE of the configured server says slave: it is itself a replica, perhaps since a "
             "failover.",
    .risk = "Writers work on another server; holding and fencing this one would protect nothing.",
    .remedy = "name the primary in source.nodes",
    .severity = SEVERITY_ERROR,
    .run = run,
};
