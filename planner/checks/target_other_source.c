#include "planner/checks/check.h"

static void run_target(const struct check_input *input, const struct observed_target *target,
                       struct findings *out) {
    if (target->replicates_from && !input->now->replicating)
        check_found(input, out, check_target(input), "the group already replicates from %s",
                    target->replicates_from);
}

const struct check check_target_other_source = {
    .title = "The target follows no other source",
    .cause = "INFO of the target's primary names a primary that is not the source of this "
             "migration.",
    .risk = "Somebody else's migration is under way; completing it would promote their data.",
    .remedy = "choose another target, or let the other migration end first",
    .severity = SEVERITY_ERROR,
    .when_aborting = true,
    .run_target = run_target,
};
