#include "planner/checks/check.h"

#define STALL_US INT64_C(1000000) /* what a client with usual timeouts notices */

static void run_primary(const struct check_input *input, const struct observed_node *node,
                        struct findings *out) {
    if (node->last_fork_us >= STALL_US)
        finding_detail(
            check_found(input, out, node->address, "its last fork blocked it for a long time"),
            "latest_fork_usec is %lld ms; the copy forks once more",
            (long long)(node->last_fork_us / 1000));
}

const struct check check_source_fork_stall = {
    .title = "A fork does not block the source for long",
    .reads = "INFO latest_fork_usec",
    .cause = "While the page tables are copied, the server does not answer. The last time, this "
             "took more than a second.",
    .risk = "Every client waits that long when the copy begins, and again at each full "
            "resynchronization; requests with a shorter timeout fail.",
    .remedy = "start at a quiet time, and turn off transparent huge pages on the source's machine",
    .severity = SEVERITY_WARNING,
    .facts = "latest_fork_usec",
    .unread = SEVERITY_NOTE,
    .run_primary = run_primary,
};
