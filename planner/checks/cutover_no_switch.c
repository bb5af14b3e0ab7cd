#include "planner/checks/check.h"

static void run(const struct check_input *input, struct findings *out) {
    if (!input->config->cutover.switch_hooks.count)
        check_found(input, out, "cutover.switch", "no hook moves the applications to the target");
}

const struct check check_cutover_no_switch = {
    .title = "A hook moves the applications to the target",
    .reads = "file: cutover.switch",
    .cause = "cutover.switch is empty.",
    .risk = "After the cutover, writers get NOREPLICAS from the fenced source until somebody moves "
            "them.",
    .remedy = "give cutover.switch a command, or be ready to move the applications yourself",
    .severity = SEVERITY_WARNING,
    .run = run,
};
