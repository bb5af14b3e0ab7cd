#include "planner/checks/check.h"

static void run_node(const struct check_input *input, const struct observed_node *node,
                     struct findings *out) {
    if (input->situation->fences && node->config_readable && !situation_fence_setting(node))
        check_found(input, out, node->address, "the server has no min-replicas-to-write");
}

const struct check check_fence_possible = {
    .title = "The source can be fenced",
    .reads = "CONFIG GET min-replicas-to-write",
    .cause = "The fence is min-replicas-to-write (min-slaves-to-write before 5.0), and CONFIG GET "
             "does not return it.",
    .risk = "Writes to the source could not be stopped after the target has been promoted.",
    .remedy = "connect to the servers directly, not through a proxy; allow the user to read and "
              "set the parameter",
    .severity = SEVERITY_ERROR,
    .run_node = run_node,
};
