#include "planner/checks/check.h"

static void run_target(const struct check_input *input, const struct observed_target *target,
                       struct findings *out) {
    if (check_is(target->durability, "sync") || check_is(target->durability, "async"))
        check_found(input, out, check_target(input), "the group is durable (%s)",
                    target->durability);
}

const struct check check_target_durability = {
    .title = "The target is not a durable group",
    .reads = "DescribeReplicationGroups EffectiveDurability",
    .cause = "Groups with durability sync or async cannot be migrated to.",
    .risk = "StartMigration is refused.",
    .remedy = "choose a group with durability disabled",
    .severity = SEVERITY_ERROR,
    .run_target = run_target,
};
