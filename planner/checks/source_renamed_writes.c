#include "planner/checks/check.h"

#include "schemas/base/memory.h"

static void run_node(const struct check_input *input, const struct observed_node *node,
                     struct findings *out) {
    if (!node->missing_writes.count)
        return;
    AUTO(string_free) char *names = strings_join(&node->missing_writes, ", ");
    check_found(input, out, node->address, "renamed or disabled: %s", names);
}

const struct check check_source_renamed_writes = {
    .title = "No command that changes data is renamed",
    .reads = "COMMAND INFO",
    .cause = "COMMAND INFO does not list a command that changes data, because of rename-command in "
             "the configuration file. Every edition of the migration guide forbids it.",
    .risk = "A write under another name reaches the target as an unknown command and is missing "
            "there. A command that is disabled altogether does no harm.",
    .remedy = "remove the rename-command lines and restart the source; waive this if the command "
              "is disabled and not renamed",
    .severity = SEVERITY_ERROR,
    .waivable = true,
    .facts = "COMMAND+INFO",
    .unread = SEVERITY_WARNING,
    .run_node = run_node,
};
