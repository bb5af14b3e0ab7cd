#include "planner/checks/check.h"

#include <string.h>

#include "planner/preflight.h"

static bool was_found(const struct findings *found, size_t count, const char *id) {
    for (size_t i = 0; i < count; i++)
        if (strcmp(found->items[i].id, id) == 0)
            return true;
    return false;
}

static void run(const struct check_input *input, struct findings *out) {
    const struct config_waivers *waive = &input->config->waive;
    size_t count = out->count;
    for (size_t i = 0; i < waive->count; i++) {
        const char *id = waive->items[i].finding;
        const struct check *check = check_find(id);
        if (check && !check->of_moment && !was_found(out, count, id))
            check_found(input, out, id, "a waiver for a finding that does not occur");
    }
}

const struct check check_waiver_unused = {
    .title = "Every waiver is needed",
    .reads = "file: waive",
    .cause = "The finding that a waiver names does not occur in this plan.",
    .risk = "If the finding occurs later, the leftover waiver hides it.",
    .remedy = "remove the waiver when it is no longer needed",
    .severity = SEVERITY_NOTE,
    .run = run,
};
