#include "planner/checks/check.h"

#include <string.h>

#include "planner/preflight.h"

static bool found_as_error(const struct findings *found, const char *id) {
    for (size_t i = 0; i < found->count; i++)
        if (found->items[i].severity == SEVERITY_ERROR && strcmp(found->items[i].id, id) == 0)
            return true;
    return false;
}

static void run(const struct check_input *input, struct findings *out) {
    const struct config_waivers *waive = &input->config->waive;
    for (size_t i = 0; i < waive->count; i++) {
        const char *id = waive->items[i].finding;
        const struct check *check = check_find(id);
        if (check && !check->waivable && found_as_error(out, id))
            check_found(input, out, id, "this error cannot be waived");
    }
}

const struct check check_waiver_not_allowed = {
    .title = "Every waived finding may be waived",
    .reads = "file: waive",
    .cause =
        "A waiver names an error that would make the migration fail or lose data. Only warnings "
        "can be waived, and errors on which editions of the migration guide disagree.",
    .risk = "The error still blocks the plan.",
    .remedy = "remove the waiver and resolve the error",
    .severity = SEVERITY_ERROR,
    .run = run,
};
