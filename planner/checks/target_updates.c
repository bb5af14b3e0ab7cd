#include "planner/checks/check.h"

static void run_target(const struct check_input *input, const struct observed_target *target,
                       struct findings *out) {
    for (size_t i = 0; i < target->updates.count; i++) {
        const struct pair *update = &target->updates.items[i];
        bool waits = check_is(update->value, "not-applied") || check_is(update->value, "stopped");
        check_found_as(input, out, waits ? SEVERITY_NOTE : SEVERITY_WARNING, check_target(input),
                       "service update %s is %s", update->name, update->value);
    }
    if (target->updates_problem)
        finding_detail(check_found_as(input, out, SEVERITY_NOTE, check_target(input),
                                      "pending service updates could not be read"),
                       "%s", target->updates_problem);
}

const struct check check_target_updates = {
    .title = "No service update overlaps the migration",
    .reads = "DescribeUpdateActions",
    .cause = "AWS has an update for the nodes of the group. It replaces them one by one, either at "
             "once or on a day that AWS chooses.",
    .risk = "CompleteMigration fails while a node is being replaced, with the writers held; how "
            "the copy behaves before that is not documented.",
    .remedy = "apply the update before the migration and wait until it is done, or migrate well "
              "before the day on which it is due",
    .severity = SEVERITY_WARNING,
    .of_moment = true,
    .run_target = run_target,
};
