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
    .title = "The source has every command that replication needs",
    .reads = "COMMAND INFO",
    .cause = "COMMAND INFO does not list a command that the target or ecmig uses, because of "
             "rename-command in the configuration file or a proxy in between.",
    .risk = "Replication does not start, or a renamed write command breaks the stream later.",
    .remedy = "remove the rename-command lines and restart the source, or promote a replica "
              "without them and migrate from it",
    .severity = SEVERITY_ERROR,
    .facts = "COMMAND+INFO",
    .unread = SEVERITY_ERROR,
    .run_node = run_node,
};
