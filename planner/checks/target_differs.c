#include "planner/checks/check.h"

#include "planner/diff.h"

static void run_target(const struct check_input *input, const struct observed_target *target,
                       struct findings *out) {
    AUTO(differences_clear) struct differences differences = { 0 };
    diff_target(&input->config->target, target, &differences);
    for (size_t i = 0; i < differences.count; i++) {
        const struct difference *one = &differences.items[i];
        if (one->seen)
            check_found(input, out, check_target(input), "%s is \"%s\", the file says \"%s\"",
                        one->field, one->seen, one->wanted);
        else
            check_found(input, out, check_target(input), "%s is not set, the file says \"%s\"",
                        one->field, one->wanted);
    }
}

const struct check check_target_differs = {
    .title = "The existing target is as the file describes it",
    .cause = "The replication group exists and differs from what the migration file gives. What "
             "the file leaves out is not compared.",
    .risk = "The data would land in a group of another size or shape than was reviewed.",
    .remedy = "change the group or the file; this version does not modify an existing group",
    .severity = SEVERITY_ERROR,
    .run_target = run_target,
};
