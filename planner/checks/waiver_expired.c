#include "planner/checks/check.h"

static void run(const struct check_input *input, struct findings *out) {
    const struct strings *expired = &input->observed->expired_waivers;
    for (size_t i = 0; i < expired->count; i++)
        check_found(input, out, expired->items[i], "the waiver has expired");
}

const struct check check_waiver_expired = {
    .title = "No waiver has expired",
    .reads = "file: waive; the date",
    .cause = "The 'until' date of a waiver has passed.",
    .risk = "The waived finding counts again.",
    .remedy = "remove the waiver, or review the finding and extend it",
    .severity = SEVERITY_WARNING,
    .when_serverless = true,
    .run = run,
};
