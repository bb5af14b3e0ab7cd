#include "planner/checks/check.h"

#include <string.h>

static void run(const struct check_input *input, struct findings *out) {
    const struct pairs *before = &input->observed->history.settings_before;
    for (size_t i = 0; i < before->count; i++) {
        const char *name = before->items[i].name;
        if (situation_node_index(input->situation, name, strcspn(name, " ")) >= 0)
            continue;
        struct finding *finding =
            check_found(input, out, name,
                        "an earlier run set it, and the server is no longer part of the source");
        finding_detail(finding, "it was \"%s\" before", before->items[i].value);
    }
}

const struct check check_source_setting_left = {
    .title = "Every setting of an earlier run can be restored",
    .reads = "journal: settings before an earlier run",
    .cause = "An unfinished run changed a setting on a server that is no longer one of the "
             "source's servers.",
    .risk = "The server keeps the migration's value.",
    .remedy = "if the server still exists, restore the value by hand",
    .severity = SEVERITY_WARNING,
    .when_aborting = true,
    .run = run,
};
