#include <string.h>

#include "planner/checks/check.h"
#include "schemas/base/memory.h"

/* From Valkey 9.1 on the interpreter of scripts is a module that the server brings along. */
static bool is_own(const struct observed_node *node, const char *name) {
    return node->engine && strcmp(node->engine, "valkey") == 0 && strcmp(name, "lua") == 0;
}

static void run_node(const struct check_input *input, const struct observed_node *node,
                     struct findings *out) {
    AUTO(strings_clear) struct strings foreign = { 0 };
    for (size_t i = 0; i < node->modules.count; i++)
        if (!is_own(node, node->modules.items[i]))
            strings_add(&foreign, node->modules.items[i]);
    if (!foreign.count)
        return;
    AUTO(string_free) char *names = strings_join(&foreign, ", ");
    check_found(input, out, node->address, "modules are loaded: %s", names);
}

const struct check check_source_modules = {
    .title = "No modules on the source",
    .reads = "MODULE LIST, INFO modules",
    .cause = "MODULE LIST names modules that are not the server's own. A snapshot names the "
             "modules whose data it holds, and "
             "ElastiCache has none of the same name and format that is proven to load it.",
    .risk = "The target cannot load the snapshot and the migration fails.",
    .remedy = "unload modules that hold no data; data of module types has to be converted first",
    .severity = SEVERITY_ERROR,
    .run_node = run_node,
};
