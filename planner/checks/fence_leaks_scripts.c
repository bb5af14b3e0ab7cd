#include "planner/checks/check.h"

#include "planner/version.h"

static void run_node(const struct check_input *input, const struct observed_node *node,
                     struct findings *out) {
    enum config_writes writes = input->config->cutover.writes;
    bool fence_alone = writes == WRITES_PAUSE || writes == WRITES_REJECT;
    if (fence_alone && node->scripts_used && version_below(node->version, 6, 0, 0))
        check_found(input, out, node->address,
                    "scripts are in use, and the fence does not stop their writes");
}

const struct check check_fence_leaks_scripts = {
    .title = "The fence stops every kind of write",
    .reads = "INFO commandstats",
    .cause = "Before 6.0, EVAL and EVALSHA can write although min-slaves-to-write refuses plain "
             "writes; commandstats shows that scripts are in use.",
    .risk = "A write made by a script during the cutover reaches only the source and is lost.",
    .remedy = "stop the writers with cutover.writes: hook",
    .severity = SEVERITY_ERROR,
    .facts = "version INFO+commandstats",
    .unread = SEVERITY_WARNING,
    .run_node = run_node,
};
