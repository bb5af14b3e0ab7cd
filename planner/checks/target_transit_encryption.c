#include "planner/checks/check.h"
#include "planner/harden.h"
#include "planner/modify.h"

/* What stands in the way of a step that turns it off. */
static void tell_obstacle(const struct check_input *input, struct finding *finding) {
    const struct config_target *wanted = &input->config->target;
    const char *later = config_tls_later(wanted);
    const char *mode =
        check_is(input->observed->target.transit_mode, "preferred") ? "preferred" : "required";
    if (wanted->managed_by)
        finding_remedy(finding,
                       "with %s, in this order, each applied on its own and immediately: %s"
                       "transit_encryption_enabled = false; after the cutover the same back: "
                       "transit_encryption_enabled = true with transit_encryption_mode = "
                       "\"preferred\"%s (apply_immediately = true)",
                       wanted->managed_by,
                       check_is(mode, "required") ? "transit_encryption_mode = \"preferred\"; "
                                                  : "",
                       check_is(mode, "required") ? ", then \"required\"" : "");
    else if (!later)
        finding_remedy(finding,
                       "let ecmig turn it off for the migration and on again after the cutover; "
                       "add to the file: target: {after_cutover: {transit_encryption: %s}}",
                       mode);
    else if (!tls_is_offered(input->situation))
        finding_remedy(finding, "choose a group without TLS: this engine can turn it off and on "
                                "only when a group is created");
    else
        finding_remedy(finding, "resolve the findings target-auth, target-durability and "
                                "target-status first: they keep TLS from being turned off");
}

static void run_target(const struct check_input *input, const struct observed_target *target,
                       struct findings *out) {
    if (target->transit_encryption && !input->situation->promoted &&
        !harden_drops_tls(input->situation))
        tell_obstacle(input,
                      check_found(input, out, check_target(input), "in-transit encryption is on"));
}

const struct check check_target_transit_encryption = {
    .title = "In-transit encryption of the target is off",
    .reads = "DescribeReplicationGroups TransitEncryptionEnabled, TransitEncryptionMode",
    .cause = "Every edition of the migration guide requires it to be off during the migration. "
             "Steps of the plan turn it off if target.after_cutover says that it comes back.",
    .risk = "StartMigration is refused.",
    .remedy = "add target.after_cutover.transit_encryption: ecmig then turns TLS off for the "
              "migration and on again after the cutover (Valkey, and Redis OSS 7.0 and newer)",
    .severity = SEVERITY_ERROR,
    .run_target = run_target,
};
