#include "planner/checks/check.h"

#include "schemas/base/memory.h"

static void run_node(const struct check_input *input, const struct observed_node *node,
                     struct findings *out) {
    if (!node->missing_commands.count)
        return;
    AUTO(string_free) char *names = strings_join(&node->missing_commands, ", ");
    check_found(input, out, node->address, "renamed or missing commands: %s", names);
}

const struct check check_source_missing_commands = {
    .title = "No command that replication needs is renamed",
    .reads = "COMMAND INFO",
    .cause = "COMMAND INFO does not know a command that the target or ecmig uses: rename-command "
             "in the configuration file, or a proxy in between.",
    .risk = "Replication does not start, or a renamed write command breaks the stream half way.",
    .remedy = "remove the rename-command lines and restart the source, or migrate from a replica "
              "without them that was promoted",
    .severity = SEVERITY_ERROR,
    .facts = "COMMAND+INFO",
    .unread = SEVERITY_ERROR,
    .run_node = run_node,
};
