#include "planner/checks/check.h"

static void run(const struct check_input *input, struct findings *out) {
    const struct config_target *wanted = &input->config->target;
    const struct observed_target *target = &input->observed->target;
    if (!target->reachable || target->exists || !wanted->create)
        return;
    if (!wanted->engine)
        check_found(input, out, check_target(input), "target.engine is not given");
    if (!wanted->node_type)
        check_found(input, out, check_target(input), "target.node_type is not given");
}

const struct check check_target_incomplete = {
    .title = "The file says what to create",
    .cause = "The group does not exist and target.create is set, but the file does not say which "
             "engine or node type.",
    .risk = "The service would choose, or refuse.",
    .remedy = "give target.engine, engine_version and node_type",
    .severity = SEVERITY_ERROR,
    .run = run,
};
