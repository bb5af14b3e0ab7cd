#include "executor/cutover/aftermath.h"

#include <stdlib.h>
#include <string.h>

#include "providers/redis/fleet.h"
#include "schemas/base/memory.h"

#define NODES_NAMED 4

static bool is_as_it_was_started(const struct plan *plan) {
    for (size_t i = 0; i < plan->core.steps.count; i++)
        if (strcmp(plan->core.steps.items[i].key, step_key_keep_fence) == 0)
            return true;
    return false;
}

void aftermath_planned_nodes(const struct plan *plan, struct strings *out) {
    for (size_t i = 0;; i++) {
        AUTO(string_free) char *path = xasprintf("source.nodes[%zu].address", i);
        const char *address = json_find_string(plan->core.observed.facts, path);
        if (!address)
            return;
        strings_add(out, address);
    }
}

void aftermath_open_nodes(const struct config_source *source, const struct redis_tls *tls,
                          const struct plan *plan, struct strings *out) {
    AUTO(strings_clear) struct strings addresses = { 0 };
    if (is_as_it_was_started(plan))
        return;
    aftermath_planned_nodes(plan, &addresses);
    struct fleet_node *nodes = xcalloc(addresses.count + 1, sizeof *nodes);
    for (size_t i = 0; i < addresses.count; i++)
        nodes[i].address = addresses.items[i];
    const struct fleet fleet = { .tls = tls,
                                 .timeout_ms = source->timeout_ms,
                                 .without_password = true };
    fleet_ask(&fleet, nodes, addresses.count);
    for (size_t i = 0; i < addresses.count; i++)
        if (nodes[i].problem.code == ERROR_NONE && nodes[i].lets_anybody_in)
            strings_add(out, addresses.items[i]);
    fleet_nodes_clear(nodes, addresses.count);
    free(nodes);
}

static void add_nodes(const struct strings *nodes, struct text *page) {
    for (size_t i = 0; i < nodes->count && i < NODES_NAMED; i++)
        text_addf(page, "%s%s", i ? ", " : "", nodes->items[i]);
    if (nodes->count > NODES_NAMED)
        text_addf(page, " and %zu more", nodes->count - NODES_NAMED);
}

void aftermath_say_password(const struct config_source *source, const struct strings *open,
                            struct sheet *sheet) {
    if (!open->count)
        return;
    struct text *line = sheet_label(sheet, "password");
    text_add(line, "anyone may log in to ");
    add_nodes(open, line);
    text_add(line, ". If a password was removed for the migration, set it again on each:");
    text_add(sheet_more(sheet),
             source->username
                 ? "ACL SETUSER default off   (or: ACL SETUSER default resetpass >PASSWORD)"
                 : "CONFIG SET requirepass PASSWORD");
}

static void add_lines(const struct json *lines, struct sheet *sheet) {
    for (size_t i = 0; i < json_count(lines); i++)
        text_addf(sheet_more(sheet), "%s", json_string_of(json_at(lines, i)));
}

/* Nodes with the same lines are named together, each with its file. */
void aftermath_say_restart(const struct json *evidence, struct sheet *sheet) {
    const struct json *nodes = json_find(evidence, "nodes"), *said = NULL;
    size_t named = 0;
    for (size_t i = 0; i < json_count(nodes); i++) {
        const struct json *node = json_at(nodes, i), *lines = json_find(node, "lines");
        const char *file = json_find_string(node, "file");
        if (!lines)
            continue;
        if (!named) {
            text_add(sheet_label(sheet, "restart"),
                     "LIFTS THE FENCE: the source's configuration file was not rewritten. To keep "
                     "the fence, add these lines by hand,");
            text_add(sheet_more(sheet), "or set the password again and then run CONFIG REWRITE:");
        }
        if (named++ < NODES_NAMED)
            text_addf(sheet_more(sheet), "%s: %s", json_find_string(node, "node"),
                      file ? file : "it has no configuration file: start it with");
        said = lines;
    }
    add_lines(said, sheet);
    if (named > NODES_NAMED)
        text_addf(sheet_more(sheet), "and the same on %zu more nodes", named - NODES_NAMED);
}
