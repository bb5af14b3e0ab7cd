#include "planner/checks/check.h"
#include "planner/modify.h"

static void run(const struct check_input *input, struct findings *out) {
    const struct config_target *wanted = &input->config->target;
    if (!wanted->tls_after_cutover || !input->observed->target.reachable)
        return;
    if (wanted->managed_by)
        check_found_as(input, out, SEVERITY_NOTE, check_target(input),
                       "%s manages the group and must turn on TLS after the cutover",
                       wanted->managed_by);
    else if (!tls_is_offered(input->situation))
        check_found(input, out, check_target(input),
                    "this engine cannot turn on TLS for an existing group");
}

const struct check check_target_tls_later = {
    .title = "TLS can be turned on after the cutover",
    .reads = "file: target.tls_after_cutover; engine of the target",
    .cause = "target.tls_after_cutover requests it. The service can turn on TLS for an existing "
             "group with Valkey, and with Redis OSS 7.0 and newer.",
    .risk = "The group stays without TLS, and data crosses the network unencrypted.",
    .remedy = "choose Valkey, or a newer target.engine_version, or remove tls_after_cutover",
    .severity = SEVERITY_ERROR,
    .run = run,
};
