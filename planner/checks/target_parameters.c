#include "planner/checks/check.h"
#include "planner/modify.h"

static void run(const struct check_input *input, struct findings *out) {
    const struct strings *refused = &input->observed->target.refused_parameters;
    bool sets = situation_creates(input->situation) || modify_is_possible(input->situation);
    for (size_t i = 0; sets && i < refused->count; i++)
        check_found(input, out, check_target(input), "target.parameters, %s", refused->items[i]);
}

const struct check check_target_parameters = {
    .title = "The requested parameters can be set",
    .reads = "DescribeCacheParameters",
    .cause = "The default parameter group of the engine version (DescribeCacheParameters) does not "
             "offer a parameter or value of target.parameters.",
    .risk = "Creating the parameter group is refused after the source has been prepared.",
    .remedy = "correct target.parameters, or remove the parameter",
    .severity = SEVERITY_ERROR,
    .run = run,
};
