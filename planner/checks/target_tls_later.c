#include "planner/checks/check.h"
#include "planner/modify.h"

static void run(const struct check_input *input, struct findings *out) {
    const struct config_target *wanted = &input->config->target;
    if (!wanted->tls_after_cutover || !input->observed->target.reachable)
        return;
    if (wanted->managed_by)
        check_found_as(input, out, SEVERITY_NOTE, check_target(input),
                       "TLS after the cutover is the matter of %s", wanted->managed_by);
    else if (!tls_is_offered(input->now))
        check_found(input, out, check_target(input),
                    "this engine cannot get TLS while the group exists");
}

const struct check check_target_tls_later = {
    .title = "TLS can be switched on after the cutover",
    .reads = "file: target.tls_after_cutover; engine of the target",
    .cause = "target.tls_after_cutover asks for it. The service switches TLS on for an existing "
             "group from Redis OSS 7.0 on, and for Valkey.",
    .risk = "The group stays without TLS, and data crosses the network in clear.",
    .remedy = "choose Valkey, or a newer target.engine_version, or leave tls_after_cutover out",
    .severity = SEVERITY_ERROR,
    .run = run,
};
