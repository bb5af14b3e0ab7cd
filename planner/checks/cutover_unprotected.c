#include "planner/checks/check.h"

static void run(const struct check_input *input, struct findings *out) {
    if (input->config->cutover.writes == WRITES_NONE)
        check_found(input, out, "cutover.writes",
                    "WRITES MAY BE LOST: writers are neither held nor fenced");
}

const struct check check_cutover_unprotected = {
    .title = "Writers are held and fenced",
    .reads = "file: cutover.writes",
    .cause = "cutover.writes is none.",
    .risk = "WRITES TO THE SOURCE BETWEEN THE LAST CATCH-UP AND THE SWITCH ARE LOST.",
    .remedy = "set cutover.writes: pause unless the writers are stopped by other means",
    .severity = SEVERITY_WARNING,
    .run = run,
};
