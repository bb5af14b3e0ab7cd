#include <string.h>

#include "planner/checks/check.h"
#include "planner/modify.h"

static void run(const struct check_input *input, struct findings *out) {
    const char *node_type = modify_node_type(input->situation);
    if (!input->observed->target.reachable)
        return;
    if (check_is(input->observed->target.data_tiering, "enabled"))
        check_found(input, out, check_target(input), "data tiering is enabled");
    else if (node_type && strncmp(node_type, "cache.r6gd.", 11) == 0)
        check_found(input, out, check_target(input), "%s is a node type with data tiering",
                    node_type);
}

const struct check check_target_data_tiering = {
    .title = "Data tiering of the target is off",
    .reads = "DescribeReplicationGroups DataTiering, CacheNodeType",
    .cause = "Online migration does not support r6gd nodes and data tiering.",
    .risk = "StartMigration is refused.",
    .remedy = "choose a memory-only node type, for example cache.r7g",
    .severity = SEVERITY_ERROR,
    .run = run,
};
