#include "planner/checks/check.h"

#include "planner/settings.h"
#include "schemas/base/memory.h"

#define QUICKLY_COPIED_BYTES ((int64_t)1 << 30) /* fork, transfer and load fit into any timeout */

static void run_primary(const struct check_input *input, const struct observed_node *node,
                        struct findings *out) {
    if (setting_is_listed(input->config, "repl-timeout") ||
        input->situation->shard_bytes < QUICKLY_COPIED_BYTES)
        return;
    AUTO(string_free) char *lacking = setting_lacking(input->situation, "repl-timeout", node);
    if (lacking)
        check_found(input, out, node->address, "repl-timeout of %s s is short for a large copy",
                    pairs_find(&node->settings, "repl-timeout"));
}

const struct check check_source_repl_timeout = {
    .title = "Fork, transfer and load finish within repl-timeout",
    .reads = "CONFIG GET repl-timeout; INFO used_memory_dataset",
    .cause = "repl-timeout is below 300 s; the default is 60 s.",
    .risk = "With much data, the source drops the link while the target is busy, and the copy "
            "starts again.",
    .remedy = "add repl-timeout to source.manage (ecmig raises and restores it)",
    .severity = SEVERITY_WARNING,
    .facts = "repl-timeout",
    .unread = SEVERITY_WARNING,
    .run_primary = run_primary,
};
