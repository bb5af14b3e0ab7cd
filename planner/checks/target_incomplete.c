#include "planner/checks/check.h"
#include "planner/layout.h"

static void run(const struct check_input *input, struct findings *out) {
    const struct config_target *wanted = &input->config->target;
    if (!situation_creates(input->situation))
        return;
    if (!wanted->engine)
        check_found(input, out, check_target(input), "target.engine is not given");
    if (!wanted->node_type)
        check_found(input, out, check_target(input), "target.node_type is not given");
    /* Else the ranges of the source tell how many there are to be. */
    if (input->situation->clustered && wanted->shards == SHAPE_UNSET &&
        !layout_is_creatable(&input->observed->source))
        check_found(input, out, check_target(input), "target.shards is not given");
}

const struct check check_target_incomplete = {
    .title = "The file says which target to create",
    .reads = "file: target",
    .cause =
        "The group does not exist and target.create is set, but the file lacks the engine, the "
        "node type, or the number of shards where the source's slot ranges do not determine it.",
    .risk = "The service would use its defaults, or refuse.",
    .remedy = "set target.engine, engine_version, node_type and shards",
    .severity = SEVERITY_ERROR,
    .run = run,
};
