#include "planner/checks/check.h"

static void run(const struct check_input *input, struct findings *out) {
    if (input->now->mode == PLAN_ABORT && input->now->too_late)
        check_found(input, out, check_target(input),
                    "the applications were told to use the target already");
}

const struct check check_abort_too_late = {
    .title = "The applications are still on the source",
    .reads = "journal: mark of the critical section",
    .cause = "The switch was begun: its hooks may have moved applications to the target.",
    .risk = "Writes made on the target would be lost with it, and the source has not seen them.",
    .remedy = "go on with the migration: ecmig apply; what was switched can only be copied back",
    .severity = SEVERITY_ERROR,
    .when_aborting = true,
    .run = run,
};
