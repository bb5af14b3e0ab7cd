#include "planner/checks/check.h"

#include "planner/settings.h"
#include "schemas/base/memory.h"

static void run(const struct check_input *input, struct findings *out) {
    const struct observed_node *node = input->now->primary;
    if (!node)
        return;
    AUTO(string_free) char *lacking = setting_lacking(input->now, "protected-mode", node);
    if (lacking)
        check_found_as(input, out,
                       setting_is_listed(input->config, "protected-mode") ? SEVERITY_NOTE
                                                                          : SEVERITY_ERROR,
                       node->address, "protected-mode is on");
}

const struct check check_source_protected_mode = {
    .title = "Protected mode is off",
    .cause = "protected-mode yes refuses connections from other machines while there is no "
             "password; it is the default since Redis 3.2.",
    .risk = "The target's nodes are refused, and the migration fails to start.",
    .remedy = "add protected-mode to source.manage (ecmig switches it off and back on), or run "
              "CONFIG SET protected-mode no",
    .severity = SEVERITY_ERROR,
    .setting = "protected-mode",
    .run = run,
};
