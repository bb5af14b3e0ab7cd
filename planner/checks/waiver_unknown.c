#include "planner/checks/check.h"

#include "planner/preflight.h"

static void run(const struct check_input *input, struct findings *out) {
    const struct config_waivers *waive = &input->config->waive;
    for (size_t i = 0; i < waive->count; i++)
        if (!check_find(waive->items[i].finding))
            check_found(input, out, waive->items[i].finding,
                        "a waiver for a finding that does not exist");
}

const struct check check_waiver_unknown = {
    .title = "Every waiver names a finding",
    .reads = "file: waive",
    .cause = "The 'finding' of a waiver is not the identifier of a check.",
    .risk = "The finding that was meant is not waived.",
    .remedy = "ecmig explain lists the identifiers",
    .severity = SEVERITY_ERROR,
    .when_serverless = true,
    .run = run,
};
