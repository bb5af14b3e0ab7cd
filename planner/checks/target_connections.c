#include "planner/checks/check.h"
#include "planner/modify.h"
#include "schemas/base/number.h"

static void run_primary(const struct check_input *input, const struct observed_node *node,
                        struct findings *out) {
    const char *limit = pairs_find(&input->observed->target.parameters, "maxclients");
    int64_t most = number_or(limit, 0);
    if (most <= 0 || node->clients_count < most)
        return;
    const char *type = modify_node_type(input->situation);
    struct finding *finding =
        check_found(input, out, node->address, "it has more connections than %s accepts",
                    type ? type : "the target");
    finding_detail(finding, "%lld are open, maxclients is %lld", (long long)node->clients_count,
                   (long long)most);
}

const struct check check_target_connections = {
    .title = "The target accepts as many connections as the source has",
    .reads = "INFO connected_clients; DescribeCacheParameters maxclients",
    .cause = "Each node type has a fixed maximum of connections: 65,000, or fewer for small types.",
    .risk = "After the cutover, connections of some clients are refused.",
    .remedy = "choose a larger target.node_type, or let the applications share connections",
    .severity = SEVERITY_WARNING,
    .facts = "connected_clients",
    .unread = SEVERITY_NOTE,
    .any_engine = true,
    .target_facts = "parameter:maxclients",
    .target_unread = SEVERITY_NOTE,
    .run_primary = run_primary,
};
