#include "planner/checks/check.h"

static void run_primary(const struct check_input *input, const struct observed_node *node,
                        struct findings *out) {
    if (node->scripts_used)
        check_found(input, out, node->address,
                    "scripts are in use, and the script cache is not copied");
}

const struct check check_source_script_cache = {
    .title = "Clients handle an empty script cache",
    .reads = "INFO commandstats",
    .cause = "Scripts are in use. Scripts loaded by SCRIPT LOAD are in each server's cache, which "
             "is not replicated.",
    .risk = "EVALSHA returns NOSCRIPT on the target until the scripts are loaded there.",
    .remedy = "make sure that clients fall back to EVAL, as most libraries do, or load the scripts "
              "in a switch hook",
    .severity = SEVERITY_NOTE,
    .facts = "INFO+commandstats",
    .unread = SEVERITY_NOTE,
    .run_primary = run_primary,
};
