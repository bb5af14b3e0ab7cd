#include "planner/checks/check.h"

static void run_node(const struct check_input *input, const struct observed_node *node,
                     struct findings *out) {
    check_found_setting(input, out, node, "the replica limit is small for this much data");
}

const struct check check_source_output_buffer_limit = {
    .title = "The replica output buffer holds what is written during the copy",
    .reads = "CONFIG GET client-output-buffer-limit; INFO used_memory_dataset",
    .cause = "client-output-buffer-limit for replicas is below 1 GiB or a fifth of the data.",
    .risk = "The source cuts the target off while it loads, and the copy starts again, for ever.",
    .remedy = "raise the replicas' client-output-buffer-limit for the time of the migration",
    .severity = SEVERITY_WARNING,
    .setting = "client-output-buffer-limit",
    .facts = "client-output-buffer-limit",
    .unread = SEVERITY_WARNING,
    .run_node = run_node,
};
