#include "planner/checks/check.h"

static void run_node(const struct check_input *input, const struct observed_node *node,
                     struct findings *out) {
    if (node->loading)
        check_found(input, out, node->address, "the source is loading its data");
}

const struct check check_source_loading = {
    .title = "The source has finished loading",
    .reads = "INFO loading",
    .cause = "INFO reports loading:1; the server was started a moment ago.",
    .risk =
        "The current observation does not show what will be copied, and replication cannot start.",
    .remedy = "wait until it has loaded, then plan again",
    .severity = SEVERITY_ERROR,
    .facts = "loading",
    .unread = SEVERITY_WARNING,
    .run_node = run_node,
};
