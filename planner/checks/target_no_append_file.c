#include "planner/checks/check.h"

static void run_primary(const struct check_input *input, const struct observed_node *node,
                        struct findings *out) {
    if (check_is(pairs_find(&node->settings, "appendonly"), "yes"))
        check_found(input, out, node->address,
                    "it keeps an append-only file, which the target has not");
}

const struct check check_target_no_append_file = {
    .title = "Replicas are what keeps the data",
    .reads = "CONFIG GET appendonly",
    .cause = "The source writes its changes to a file. ElastiCache nodes have no append-only file: "
             "what keeps the data is replicas in other zones, and snapshots.",
    .risk = "When all nodes of a shard are lost at once, what came after the last snapshot is lost "
            "with them.",
    .remedy = "give each shard a replica in another zone, and the group automatic snapshots, after "
              "the migration",
    .severity = SEVERITY_NOTE,
    .facts = "appendonly",
    .unread = SEVERITY_NOTE,
    .run_primary = run_primary,
};
