#include "planner/checks/check.h"

static void run_node(const struct check_input *input, const struct observed_node *node,
                     struct findings *out) {
    if (node->config_readable)
        return;
    check_found_as(input, out, input->situation->fences ? SEVERITY_ERROR : SEVERITY_WARNING,
                   node->address, "CONFIG GET is refused or renamed");
}

const struct check check_source_config_readable = {
    .title = "The source's settings can be read",
    .reads = "CONFIG GET",
    .cause = "CONFIG is renamed, or the user that ecmig logs in with may not use it.",
    .risk = "Prerequisites cannot be checked, and the fence cannot be set, so writes could be lost "
            "at the cutover.",
    .remedy = "give the user of source.username +config, and remove rename-command for CONFIG",
    .severity = SEVERITY_ERROR,
    .when_aborting = true,
    .run_node = run_node,
};
