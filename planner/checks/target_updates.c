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
                                      "whether service updates wait could not be asked"),
                       "%s", target->updates_problem);
}

const struct check check_target_updates = {
    .title = "No service update meets the migration",
    .reads = "DescribeUpdateActions",
    .cause =
        "AWS has an update for the nodes of the group, which replaces them one by one, at once "
        "or on a day of its own choice.",
    .risk = "CompleteMigration fails while a node is being replaced, with the writers held; what "
            "becomes of the copy before that is not documented.",
    .remedy = "apply the update before the migration and wait for its end, or migrate well before "
              "the day on which it is due",
    .severity = SEVERITY_WARNING,
    .of_moment = true,
    .run_target = run_target,
};
