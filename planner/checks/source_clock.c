#include "planner/checks/check.h"

#define APART_MS                                                                                   \
    5000 /* well over what asking takes, and under what expiries are meant to the second */

static void run_primary(const struct check_input *input, const struct observed_node *node,
                        struct findings *out) {
    int64_t ahead_ms = node->clock_ahead_ms - input->observed->target.clock_ahead_ms;
    if (ahead_ms < APART_MS && ahead_ms > -APART_MS)
        return;
    struct finding *finding =
        check_found(input, out, node->address, "its clock differs from the service's");
    finding_detail(finding, "it is %lld s %s",
                   (long long)(ahead_ms < 0 ? -ahead_ms : ahead_ms) / 1000,
                   ahead_ms < 0 ? "behind" : "ahead");
}

const struct check check_source_clock = {
    .title = "Source and target have the same time",
    .reads = "TIME; Date header of the service's answers",
    .cause = "Expiry times are copied as points in time, and the target applies them by its own "
             "clock, which AWS keeps correct.",
    .risk = "After the cutover, keys live longer or shorter by the difference between the clocks; "
            "a comparison may find short-lived keys on one side only.",
    .remedy = "correct the clock of the source's machine (chrony, ntpd), and let it adjust slowly",
    .severity = SEVERITY_WARNING,
    .of_moment = true,
    .facts = "TIME",
    .unread = SEVERITY_NOTE,
    .run_primary = run_primary,
};
