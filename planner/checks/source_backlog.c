#include "planner/checks/check.h"

static void run_node(const struct check_input *input, const struct observed_node *node,
                     struct findings *out) {
    check_found_setting(input, out, node, "the replication backlog is small");
}

const struct check check_source_backlog = {
    .title = "The replication backlog survives a short disconnect",
    .reads = "CONFIG GET repl-backlog-size; INFO used_memory_dataset",
    .cause = "repl-backlog-size is below 64 MiB or below a twentieth of the data.",
    .risk = "After a disconnect everything is copied again, and the audit after the cutover cannot "
            "read back to the fence.",
    .remedy = "raise repl-backlog-size for the duration of the migration",
    .severity = SEVERITY_WARNING,
    .setting = "repl-backlog-size",
    .facts = "repl-backlog-size",
    .unread = SEVERITY_WARNING,
    .run_node = run_node,
};
