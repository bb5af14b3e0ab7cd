#include "planner/checks/check.h"

#include "schemas/base/memory.h"

static void run_node(const struct check_input *input, const struct observed_node *node,
                     struct findings *out) {
    if (!node->modules.count)
        return;
    AUTO(string_free) char *names = strings_join(&node->modules, ", ");
    check_found(input, out, node->address, "modules are loaded: %s", names);
}

const struct check check_source_modules = {
    .title = "No modules on the source",
    .reads = "MODULE LIST",
    .cause = "MODULE LIST is not empty. A snapshot names the modules whose data it holds, and "
             "ElastiCache has none of the same name and format that is proven to load it.",
    .risk = "The target cannot load the snapshot and the migration fails.",
    .remedy = "unload modules that hold no data; data of module types has to be converted first",
    .severity = SEVERITY_ERROR,
    .run_node = run_node,
};
