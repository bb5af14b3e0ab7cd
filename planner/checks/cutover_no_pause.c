#include "planner/checks/check.h"

#include "planner/version.h"

static void run_primary(const struct check_input *input, const struct observed_node *node,
                        struct findings *out) {
    if (input->config->cutover.writes == WRITES_PAUSE && version_below(node->version, 6, 2, 0))
        check_found(input, out, node->address,
                    "no pause before 6.2: writers are refused, they do not wait");
}

const struct check check_cutover_no_pause = {
    .title = "Writers can be made to wait",
    .reads = "INFO redis_version; file: cutover.writes",
    .cause = "CLIENT PAUSE WRITE exists since 6.2; an older pause would block ecmig's own look at "
             "the source too.",
    .risk = "Writers get NOREPLICAS from the first moment of the cutover instead of waiting.",
    .remedy = "none needed when clients retry; or upgrade the source to 6.2 first",
    .severity = SEVERITY_NOTE,
    .facts = "version",
    .unread = SEVERITY_NOTE,
    .run_primary = run_primary,
};
