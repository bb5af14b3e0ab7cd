#include "planner/checks/check.h"

static void run_target(const struct check_input *input, const struct observed_target *target,
                       struct findings *out) {
    if (check_is(target->durability, "sync") || check_is(target->durability, "async"))
        check_found(input, out, check_target(input), "the group is durable (%s)",
                    target->durability);
}

const struct check check_target_durability = {
    .title = "Durability of the target is off",
    .reads = "DescribeReplicationGroups EffectiveDurability",
    .cause = "Online migration does not support groups with durability sync or async. Durability "
             "also requires TLS, which must be off.",
    .risk = "StartMigration is refused.",
    .remedy = "disable the group's durability (ModifyReplicationGroup Durability=disabled) and "
              "TLS, migrate, turn TLS on, then enable durability again",
    .severity = SEVERITY_ERROR,
    .run_target = run_target,
};
