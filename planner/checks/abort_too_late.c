#include "planner/checks/check.h"

static void run(const struct check_input *input, struct findings *out) {
    if (input->situation->mode == PLAN_ABORT && input->situation->too_late)
        check_found(input, out, check_target(input),
                    "the applications were already told to use the target");
}

const struct check check_abort_too_late = {
    .title = "The applications are still on the source",
    .reads = "journal: cutover marks",
    .cause = "The switch has started: its hooks may have moved applications to the target.",
    .risk = "Writes made on the target would be lost, because the source does not have them.",
    .remedy = "finish the migration: ecmig apply; what was switched can only be copied back",
    .severity = SEVERITY_ERROR,
    .when_aborting = true,
    .run = run,
};
