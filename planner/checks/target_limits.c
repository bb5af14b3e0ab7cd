#include "planner/checks/check.h"
#include "planner/modify.h"

/* What closes a connection or stops a script on the target, and did not on the source. */
static const char *const names[] = { "lua-time-limit", "timeout" };

static void run_primary(const struct check_input *input, const struct observed_node *node,
                        struct findings *out) {
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *ours = pairs_find(&node->settings, names[i]);
        const char *theirs = modify_parameter(input->situation, names[i]);
        if (!ours || !theirs || check_is(ours, theirs))
            continue;
        struct finding *finding =
            check_found(input, out, node->address, "%s will be different on the target", names[i]);
        finding_detail(finding, "it is %s, on the target %s", ours, theirs);
    }
}

const struct check check_target_limits = {
    .title = "Source and target have the same limits for connections and scripts",
    .reads = "CONFIG GET timeout, lua-time-limit; DescribeCacheParameters",
    .cause = "The time that a connection may be idle, or a script may run, differs in the target's "
             "parameter group.",
    .risk = "The target closes connections that the source kept, or keeps connections that the "
            "source closed; clients get BUSY earlier or later.",
    .remedy =
        "set it in target.parameters, or make sure that the applications cope with the difference",
    .severity = SEVERITY_NOTE,
    .facts = "timeout lua-time-limit",
    .unread = SEVERITY_NOTE,
    .target_facts = "parameter:timeout parameter:lua-time-limit",
    .target_unread = SEVERITY_NOTE,
    .run_primary = run_primary,
};
