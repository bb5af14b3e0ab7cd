#include "planner/checks/check.h"
#include "planner/modify.h"

static void run(const struct check_input *input, struct findings *out) {
    const char *renamed = modify_parameter(input->situation, "rename-commands");
    if (input->observed->target.reachable && renamed && *renamed)
        check_found(input, out, check_target(input), "rename-commands is \"%s\"", renamed);
}

const struct check check_target_renamed_commands = {
    .title = "The target has no renamed commands",
    .reads = "DescribeCacheParameters rename-commands",
    .cause = "The parameter rename-commands of its parameter group is not empty.",
    .risk = "Replication or ecmig may use a command that has another name there.",
    .remedy = "empty rename-commands for the duration of the migration",
    .severity = SEVERITY_ERROR,
    .run = run,
};
