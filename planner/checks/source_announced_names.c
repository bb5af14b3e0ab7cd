#include "planner/checks/check.h"

static void run_primary(const struct check_input *input, const struct observed_node *node,
                        struct findings *out) {
    const char *kind = pairs_find(&node->settings, "cluster-preferred-endpoint-type");
    if (input->situation->clustered && kind && !check_is(kind, "ip"))
        finding_detail(check_found(input, out, node->address,
                                   "the cluster does not announce plain IP addresses"),
                       "cluster-preferred-endpoint-type is \"%s\"", kind);
}

const struct check check_source_announced_names = {
    .title = "The members of the cluster announce IP addresses",
    .reads = "CONFIG GET cluster-preferred-endpoint-type",
    .cause = "CLUSTER SLOTS returns host names, or nothing, instead of IP addresses.",
    .risk = "The service is given one address and finds the other shards by what the cluster "
            "announces; the start fails if a name does not resolve in the service's network.",
    .remedy = "CONFIG SET cluster-preferred-endpoint-type ip for the duration of the migration",
    .severity = SEVERITY_WARNING,
    .facts = "cluster-preferred-endpoint-type",
    .unread = SEVERITY_NOTE,
    .of_clusters = true,
    .run_primary = run_primary,
};
