#include "planner/checks/check.h"

static void run_target(const struct check_input *input, const struct observed_target *target,
                       struct findings *out) {
    if (!target->holds_keys || input->situation->replicating || input->situation->promoted)
        return;
    if (input->config->target.replace_data)
        check_found_as(input, out, SEVERITY_WARNING, check_target(input),
                       "the keys it holds will be replaced");
    else
        check_found(input, out, check_target(input), "the target holds keys");
}

const struct check check_target_holds_keys = {
    .title = "The target is empty",
    .reads = "INFO keyspace of the target",
    .cause = "The target's primary holds keys.",
    .risk = "The copy replaces all data of the target; the keys that it holds now are lost.",
    .remedy = "check that it is the right group; set target.replace_data: true to discard its keys",
    .severity = SEVERITY_ERROR,
    .run_target = run_target,
};
