#include "planner/checks/check.h"
#include "planner/harden.h"

static void run_target(const struct check_input *input, const struct observed_target *target,
                       struct findings *out) {
    const char *owner = input->config->target.managed_by;
    if ((!check_is(target->durability, "sync") && !check_is(target->durability, "async")) ||
        input->situation->promoted || harden_drops_durability(input->situation))
        return;
    struct finding *finding = check_found(input, out, check_target(input),
                                          "the group is durable (%s)", target->durability);
    if (owner)
        finding_remedy(finding,
                       "with %s, before TLS is turned off: durability = \"disabled\", applied on "
                       "its own; after the cutover, when TLS is required again: durability = "
                       "\"%s\"",
                       owner, target->durability);
    else
        finding_remedy(finding,
                       "let ecmig disable it for the migration and enable it after the cutover; "
                       "add to the file: target: {after_cutover: {transit_encryption: required, "
                       "durability: %s}}",
                       target->durability);
}

const struct check check_target_durability = {
    .title = "Durability of the target is off",
    .reads = "DescribeReplicationGroups EffectiveDurability",
    .cause = "Online migration does not support groups with durability sync or async. Durability "
             "also requires TLS, which must be off. Steps of the plan disable it if "
             "target.after_cutover says that it comes back.",
    .risk = "StartMigration is refused.",
    .remedy = "add target.after_cutover.durability: ecmig then disables it for the migration and "
              "enables it after the cutover",
    .severity = SEVERITY_ERROR,
    .run_target = run_target,
};
