#include "planner/checks/check.h"

#define STALL_US INT64_C(1000000) /* what a client with usual time-outs notices */

static void run_primary(const struct check_input *input, const struct observed_node *node,
                        struct findings *out) {
    if (node->last_fork_us >= STALL_US)
        finding_detail(check_found(input, out, node->address, "its last fork stopped it for long"),
                       "latest_fork_usec says %lld ms; the copy forks once more",
                       (long long)(node->last_fork_us / 1000));
}

const struct check check_source_fork_stall = {
    .title = "Forking does not stop the source for long",
    .reads = "INFO latest_fork_usec",
    .cause = "While the page tables are copied the server answers nobody. The last time that took "
             "more than a second.",
    .risk = "Every client waits so long when the copy begins, and again at each full "
            "resynchronisation; time-outs shorter than that fail.",
    .remedy =
        "start in a quiet hour, and switch transparent huge pages off on the source's machine",
    .severity = SEVERITY_WARNING,
    .facts = "latest_fork_usec",
    .unread = SEVERITY_NOTE,
    .run_primary = run_primary,
};
