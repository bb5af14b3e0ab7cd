#include "planner/checks/check.h"

static void run_primary(const struct check_input *input, const struct observed_node *node,
                        struct findings *out) {
    bool named = input->config->source.topology == TOPOLOGY_STANDALONE;
    if (!node->role || check_is(node->role, "master") || strings_has(&node->unread, "role"))
        return; /* one that INFO does not give is told by the row's facts */
    if (!check_is(node->role, "slave")) {
        finding_remedy(check_found(input, out, node->address, "this server does not hold data"),
                       "name a server; for a Sentinel, set source.topology: sentinel and "
                       "source.sentinel_master");
        return;
    }
    struct finding *finding = check_found(input, out, node->address, "this server is a replica");
    if (!named)
        finding_remedy(finding,
                       "a failover is in progress: wait until it has finished, then plan again");
    if (node->follows)
        finding_detail(finding, "it follows %s", node->follows);
    if (node->follows && named)
        finding_remedy(finding, "name the primary in source.nodes: %s", node->follows);
}

const struct check check_source_is_primary = {
    .title = "The source is a primary",
    .reads = "INFO role",
    .cause = "ROLE of the configured server, or of one that the cluster or the Sentinels call a "
             "primary, returns slave: it is a replica, perhaps since a failover.",
    .risk = "The applications write to another server; holding and fencing this one would not "
            "protect any write.",
    .remedy = "name the primary in source.nodes",
    .severity = SEVERITY_ERROR,
    .facts = "role",
    .unread = SEVERITY_ERROR,
    .run_primary = run_primary,
};
