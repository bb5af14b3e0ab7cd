#include "planner/checks/check.h"

#define APART_MS 60000

static void run(const struct check_input *input, struct findings *out) {
    int64_t ahead_ms = input->observed->target.clock_ahead_ms;
    if (ahead_ms < APART_MS && ahead_ms > -APART_MS)
        return;
    struct finding *finding =
        check_found(input, out, "this machine", "its clock differs from the service's");
    finding_detail(finding, "it is %lld s %s",
                   (long long)(ahead_ms < 0 ? -ahead_ms : ahead_ms) / 1000,
                   ahead_ms < 0 ? "ahead" : "behind");
}

const struct check check_runner_clock = {
    .title = "The clock of this machine is correct",
    .reads = "Date header of the service's answers",
    .cause = "The clock of the machine that runs ecmig is off by a minute or more.",
    .risk = "cutover.window and the expiry dates of waivers are compared with it; from a few "
            "minutes on the service refuses signatures.",
    .remedy = "set the clock of this machine (chrony, ntpd)",
    .severity = SEVERITY_WARNING,
    .of_moment = true,
    .when_aborting = true,
    .run = run,
};
