#include <string.h>

#include "planner/checks/check.h"
#include "planner/version.h"
#include "schemas/base/memory.h"

/* From Valkey 9.1 on the interpreter of scripts is a module that the server brings along. */
static bool is_own(const struct observed_node *node, const char *name) {
    return check_is(node->engine, "valkey") && strcmp(name, "lua") == 0;
}

/* Redis 8 brings these along, and lists them, whether anybody uses them or not. */
static bool is_bundled(const struct observed_node *node, const char *name) {
    static const char *const names[] = { "vectorset", "search", "ReJSON", "bf", "timeseries" };
    for (size_t i = 0; i < COUNT(names); i++)
        if (strcmp(name, names[i]) == 0)
            return check_is(node->engine, "redis") && version_at_least(node->version, 8, 0, 0);
    return false;
}

static void run_node(const struct check_input *input, const struct observed_node *node,
                     struct findings *out) {
    AUTO(strings_clear) struct strings foreign = { 0 }, idle = { 0 };
    for (size_t i = 0; i < node->modules.count; i++) {
        const char *name = node->modules.items[i];
        if (is_own(node, name))
            continue;
        bool unused = is_bundled(node, name) && !strings_has(&node->used_modules, name);
        strings_add(unused ? &idle : &foreign, name);
    }
    AUTO(string_free) char *names = strings_join(&foreign, ", ");
    AUTO(string_free) char *unused = strings_join(&idle, ", ");
    if (foreign.count)
        check_found(input, out, node->address, "modules are loaded: %s", names);
    if (!idle.count)
        return;
    struct finding *finding =
        check_found_as(input, out, SEVERITY_NOTE, node->address,
                       "modules of the server itself are loaded but not used: %s", unused);
    finding_detail(finding, "commandstats counts no writing call of theirs since the server "
                            "started or its statistics were reset");
    finding_remedy(finding, "if keys of their types are older than that, convert them first "
                            "(redis-cli --scan --type vectorset lists those of vectorset)");
}

const struct check check_source_modules = {
    .title = "The source holds no module data",
    .reads = "MODULE LIST, INFO modules, INFO commandstats",
    .cause = "MODULE LIST names modules that are not the server's own, or a module bundled with "
             "Redis 8 has been written to. A snapshot names the modules whose data it holds, and "
             "ElastiCache has no module of the same name and format that is known to load it.",
    .risk = "The target cannot load the snapshot, and the migration fails.",
    .remedy = "unload modules that hold no data; convert the data of module types first",
    .severity = SEVERITY_ERROR,
    .facts = "MODULE+LIST",
    .unread = SEVERITY_ERROR,
    .run_node = run_node,
};
