#include "planner/checks/check.h"

static void run(const struct check_input *input, struct findings *out) {
    const struct pairs *digests = &input->observed->hook_digests;
    for (size_t i = 0; i < digests->count; i++)
        if (check_is(digests->items[i].value, "absent"))
            check_found(input, out, digests->items[i].name, "the hook's file does not exist");
        else if (check_is(digests->items[i].value, "not executable"))
            check_found(input, out, digests->items[i].name,
                        "the user that runs ecmig may not execute the hook's file");
}

const struct check check_cutover_hook_missing = {
    .title = "Every hook can be executed",
    .reads = "the files that the hooks name",
    .cause = "A program that the migration file names in cutover does not exist or cannot be "
             "executed. Relative paths start at the migration file's folder.",
    .risk = "The cutover would stop at the moment when applications must be moved, with the source "
            "fenced.",
    .remedy = "correct the path, or make the file executable (chmod +x) and the folders above it "
              "accessible",
    .severity = SEVERITY_ERROR,
    .run = run,
};
