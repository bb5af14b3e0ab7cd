#include "planner/checks/check.h"

#include "planner/version.h"

static void run_primary(const struct check_input *input, const struct observed_node *node,
                        struct findings *out) {
    if (input->config->cutover.writes == WRITES_PAUSE && version_below(node->version, 6, 2, 0))
        check_found(input, out, node->address,
                    "no pause before 6.2: writers are refused instead of waiting");
}

const struct check check_cutover_no_pause = {
    .title = "Writers can be paused",
    .reads = "INFO redis_version; file: cutover.writes",
    .cause = "CLIENT PAUSE WRITE exists since 6.2; an older CLIENT PAUSE would also block ecmig's "
             "own commands on the source.",
    .risk = "Writers get NOREPLICAS from the first moment of the cutover instead of waiting.",
    .remedy = "none needed if clients retry; otherwise upgrade the source to 6.2 first",
    .severity = SEVERITY_NOTE,
    .facts = "version",
    .unread = SEVERITY_NOTE,
    .run_primary = run_primary,
};
