#include "planner/checks/check.h"
#include "planner/layout.h"

static void run(const struct check_input *input, struct findings *out) {
    const struct observed_target *target = &input->observed->target;
    if (!input->situation->clustered || !input->situation->looked ||
        input->situation->replicating || input->situation->promoted ||
        !situation_target_clustered(input->situation))
        return;
    if (!target->exists) {
        if (!layout_is_creatable(&input->observed->source))
            check_found(input, out, check_target(input),
                        "a shard of the source serves several ranges of slots: the group is "
                        "created with equal ranges, and the service moves slots before it copies");
    } else if (target->shard_list.count && !layout_is_equal(&input->observed->source, target)) {
        check_found(input, out, check_target(input),
                    "slots are distributed differently than on the source: the service moves them "
                    "before it copies");
    }
}

const struct check check_target_slots = {
    .title = "The target has the slot ranges of the source",
    .reads = "CLUSTER NODES; DescribeReplicationGroups Slots",
    .cause = "The shards of source and target own different slots. ElastiCache reshards the target "
             "before it starts to copy. A new group can be given one range for each shard.",
    .risk = "StartMigration takes longer, by the time that moving the slots takes.",
    .remedy =
        "none needed; a group that ecmig creates (target.create) gets the ranges of the source",
    .severity = SEVERITY_NOTE,
    .run = run,
};
