#include "planner/checks/check.h"
#include "planner/modify.h"
#include "planner/version.h"

static void run_primary(const struct check_input *input, const struct observed_node *node,
                        struct findings *out) {
    const char *engine = situation_target_engine(input->situation);
    const char *version = modify_version(input->situation);
    if (node->functions > 0 && check_is(engine, "redis") && version_below(version, 7, 0, 0))
        check_found(input, out, node->address, "it has functions, which redis %s does not support",
                    version);
}

const struct check check_source_functions = {
    .title = "The target supports functions if the source has any",
    .reads = "INFO number_of_libraries; engine of the target",
    .cause = "FUNCTION LOAD was used on the source. Functions are part of the data set and exist "
             "since Redis OSS 7.0.",
    .risk = "The target cannot load them, and the copy fails or arrives without them.",
    .remedy = "choose Valkey, or redis 7.0 or newer, as the target",
    .severity = SEVERITY_ERROR,
    .facts = "number_of_functions",
    .unread = SEVERITY_NOTE,
    .run_primary = run_primary,
};
