#include "planner/checks/check.h"
#include "planner/harden.h"

static void tell_obstacle(const struct check_input *input, const struct observed_target *target,
                          struct finding *finding) {
    const struct config_target *wanted = &input->config->target;
    const char *id = target->user_groups.count ? target->user_groups.items[0] : NULL;
    if (wanted->managed_by && id)
        finding_remedy(finding,
                       "with %s, before TLS is turned off: user_group_ids = []; after the cutover, "
                       "when TLS is required again: user_group_ids = [\"%s\"]",
                       wanted->managed_by, id);
    else if (wanted->managed_by)
        finding_remedy(finding,
                       "with %s, before TLS is turned off: replace auth_token by user_group_ids "
                       "with auth_token_update_strategy = \"DELETE\", then user_group_ids = []; "
                       "after the cutover, when TLS is required again: auth_token with "
                       "auth_token_update_strategy = \"ROTATE\", then \"SET\"",
                       wanted->managed_by);
    else if (id && !config_auth_later(wanted))
        finding_remedy(finding,
                       "let ecmig remove the user group for the migration and add it after the "
                       "cutover; add to the file: target: {after_cutover: {transit_encryption: "
                       "required, user_group: %s}}",
                       id);
    else if (!id)
        finding_remedy(finding,
                       "a token can only be replaced by a user group: add to the file target: "
                       "{after_cutover: {transit_encryption: required, user_group: ID}}; or remove "
                       "it yourself with two calls of ModifyReplicationGroup: "
                       "AuthTokenUpdateStrategy=DELETE with UserGroupIdsToAdd=ID, then, when the "
                       "group is available, RemoveUserGroups=true");
    else
        finding_remedy(finding, "wait until the group is available, then plan again");
}

static void run_target(const struct check_input *input, const struct observed_target *target,
                       struct findings *out) {
    if (target->auth && !input->situation->promoted && !harden_drops_auth(input->situation))
        tell_obstacle(
            input, target,
            check_found(input, out, check_target(input), "an AUTH token or user group is set"));
}

const struct check check_target_auth = {
    .title = "The target has no AUTH token and no user group",
    .reads = "DescribeReplicationGroups AuthTokenEnabled, UserGroupIds",
    .cause = "AUTH and user groups require in-transit encryption, which must be off. Steps of the "
             "plan remove them if target.after_cutover says what comes back.",
    .risk = "StartMigration is refused, and ecmig cannot query the target's nodes.",
    .remedy = "add target.after_cutover.user_group or auth_token: ecmig then removes them for the "
              "migration and adds them after the cutover",
    .severity = SEVERITY_ERROR,
    .run_target = run_target,
};
