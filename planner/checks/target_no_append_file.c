#include "planner/checks/check.h"

static void run_primary(const struct check_input *input, const struct observed_node *node,
                        struct findings *out) {
    if (check_is(pairs_find(&node->settings, "appendonly"), "yes"))
        check_found(input, out, node->address,
                    "it keeps an append-only file, which the target does not have");
}

const struct check check_target_no_append_file = {
    .title = "Replicas keep the data safe",
    .reads = "CONFIG GET appendonly",
    .cause = "The source writes its changes to an append-only file. ElastiCache nodes have none: "
             "replicas in other zones and snapshots keep the data safe.",
    .risk = "If all nodes of a shard fail at once, changes since the last snapshot are lost.",
    .remedy = "after the migration, give each shard a replica in another zone, and enable "
              "automatic snapshots",
    .severity = SEVERITY_NOTE,
    .facts = "appendonly",
    .unread = SEVERITY_NOTE,
    .run_primary = run_primary,
};
