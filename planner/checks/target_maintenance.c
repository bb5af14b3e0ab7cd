#include "planner/checks/check.h"

#include "planner/hours.h"

static void run_target(const struct check_input *input, const struct observed_target *target,
                       struct findings *out) {
    const struct config_window *window = &input->config->cutover.window;
    const char *hours = target->maintenance_window;
    if (!hours && window->not_before)
        check_found_as(input, out, SEVERITY_NOTE, check_target(input),
                       "the service does not report the maintenance window");
    if (!hours)
        return;
    if (window->not_before && hours_meet(window, hours))
        check_found(input, out, check_target(input),
                    "the cutover window overlaps the maintenance window, %s UTC", hours);
    else
        check_found_as(input, out, SEVERITY_NOTE, check_target(input),
                       "maintenance may begin in %s UTC", hours);
}

const struct check check_target_maintenance = {
    .title = "No maintenance window overlaps the migration",
    .reads = "DescribeCacheClusters PreferredMaintenanceWindow; file: cutover.window",
    .cause = "In the group's weekly maintenance window, AWS may replace nodes and apply minor "
             "versions and pending changes.",
    .risk = "CompleteMigration fails while a node is being replaced, with the writers held; how "
            "the copy behaves before that is not documented.",
    .remedy = "keep the migration out of these hours, or move the group's maintenance window",
    .severity = SEVERITY_WARNING,
    .run_target = run_target,
};
