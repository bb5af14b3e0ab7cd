#include "planner/checks/check.h"

#include "planner/settings.h"

static void run_primary(const struct check_input *input, const struct observed_node *node,
                        struct findings *out) {
    struct finding *finding = check_found_setting(input, out, node, "protected-mode is on");
    if (finding && setting_is_listed(input->config, "protected-mode"))
        finding->severity = SEVERITY_NOTE;
}

const struct check check_source_protected_mode = {
    .title = "Protected mode is off",
    .reads = "CONFIG GET protected-mode",
    .cause = "protected-mode yes refuses connections from other machines while no password is set; "
             "it is the default since Redis 3.2.",
    .risk = "The target's connections are refused, and the migration fails to start.",
    .remedy =
        "add protected-mode to source.manage (ecmig turns it off and restores it), or turn it off",
    .severity = SEVERITY_ERROR,
    .setting = "protected-mode",
    .facts = "protected-mode",
    .unread = SEVERITY_WARNING,
    .run_primary = run_primary,
};
