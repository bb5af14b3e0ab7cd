#include "planner/checks/check.h"
#include "planner/modify.h"
#include "schemas/base/memory.h"
#include "schemas/base/text.h"

/* The arguments of aws_elasticache_replication_group, in the order that the service takes them. */
static void tell_owner(const struct config_target *wanted, struct finding *finding) {
    const struct config_after_cutover *after = &wanted->after_cutover;
    bool token = config_secret_is_given(&after->auth_token);
    AUTO(text_clear) struct text lines = { 0 }, ignored = { 0 };
    text_add(&ignored, "transit_encryption_enabled, transit_encryption_mode");
    text_add(&lines, "transit_encryption_enabled = true with transit_encryption_mode = "
                     "\"preferred\"");
    if (check_is(config_tls_later(wanted), "required"))
        text_add(&lines, "; then transit_encryption_mode = \"required\"");
    if (after->user_group) {
        text_addf(&lines, "; then user_group_ids = [\"%s\"]", after->user_group);
        text_add(&ignored, ", user_group_ids");
    }
    if (token) {
        text_add(&lines, "; then auth_token with auth_token_update_strategy = \"ROTATE\", then "
                         "\"SET\"");
        text_add(&ignored, ", auth_token, auth_token_update_strategy");
    }
    if (after->durability) {
        text_addf(&lines, "; then durability = \"%s\"", after->durability);
        text_add(&ignored, ", durability");
    }
    finding_remedy(finding,
                   "after the cutover, with %s, each applied on its own with apply_immediately = "
                   "true: %s. Until then keep it from undoing the preparation: lifecycle { "
                   "ignore_changes = [%s] }. If the group is not in its state yet: terraform "
                   "import aws_elasticache_replication_group.NAME %s",
                   wanted->managed_by, text_string(&lines), text_string(&ignored),
                   wanted->replication_group);
}

static void run(const struct check_input *input, struct findings *out) {
    const struct config_target *wanted = &input->config->target;
    if (!config_tls_later(wanted) || !input->observed->target.reachable)
        return;
    if (wanted->managed_by)
        tell_owner(wanted, check_found_as(input, out, SEVERITY_NOTE, check_target(input),
                                          "%s manages the group and must turn on what "
                                          "target.after_cutover names after the cutover",
                                          wanted->managed_by));
    else if (!tls_is_offered(input->situation))
        check_found(input, out, check_target(input),
                    "this engine cannot turn on TLS for an existing group");
}

const struct check check_target_tls_later = {
    .title = "TLS can be turned on after the cutover",
    .reads = "file: target.after_cutover; engine of the target",
    .cause = "target.after_cutover.transit_encryption requests it. The service can turn on TLS for "
             "an existing group with Valkey, and with Redis OSS 7.0 and newer.",
    .risk = "The group stays without TLS, and data crosses the network unencrypted.",
    .remedy = "choose Valkey, or a newer target.engine_version, or remove target.after_cutover",
    .severity = SEVERITY_ERROR,
    .run = run,
};
