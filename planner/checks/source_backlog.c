#include "planner/checks/check.h"

#include "planner/settings.h"
#include "schemas/base/memory.h"

static void run_node(const struct check_input *input, const struct observed_node *node,
                     struct findings *out) {
    const char *setting = "repl-backlog-size";
    AUTO(string_free) char *lacking = setting_lacking(input->now, setting, node);
    if (!lacking)
        return;
    struct finding *finding =
        check_found(input, out, node->address, "the replication backlog is small");
    AUTO(string_free) char *size = setting_shown(setting, pairs_find(&node->settings, setting));
    finding_detail(finding, "it is %s", size);
}

const struct check check_source_backlog = {
    .title = "The replication backlog outlives a short break",
    .cause = "repl-backlog-size is below 64 MiB or a twentieth of the data.",
    .risk = "After a break of the link everything is copied again, and the audit after the cutover "
            "cannot read back to the fence.",
    .remedy = "CONFIG SET repl-backlog-size for the time of the migration",
    .severity = SEVERITY_WARNING,
    .setting = "repl-backlog-size",
    .run_node = run_node,
};
