#include "planner/checks/check.h"

static void run_node(const struct check_input *input, const struct observed_node *node,
                     struct findings *out) {
    enum config_topology topology = input->config->source.topology;
    bool cluster = topology == TOPOLOGY_CLUSTER;
    if (node->cluster_enabled && !cluster)
        check_found(input, out, node->address, "the server runs in cluster mode, the file says %s",
                    config_topology_names[topology]);
    if (!node->cluster_enabled && cluster)
        check_found(input, out, node->address,
                    "the server does not run in cluster mode, the file says cluster");
}

const struct check check_source_topology = {
    .title = "The source has the topology that the file states",
    .reads = "INFO cluster_enabled; file: source.topology",
    .cause = "INFO shows whether a server runs in cluster mode; source.topology in the migration "
             "file says something else.",
    .risk = "A cluster that is migrated as a single server loses all shards but one.",
    .remedy = "correct source.topology",
    .severity = SEVERITY_ERROR,
    .facts = "cluster_enabled",
    .unread = SEVERITY_WARNING,
    .any_engine = true,
    .run_node = run_node,
};
