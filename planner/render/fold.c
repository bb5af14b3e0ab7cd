/* A fleet on a page: equal steps of many nodes are a line, and a long list of names ends early. The
 * document has each of them. */
#include <stdlib.h>
#include <string.h>

#include "planner/group.h"
#include "planner/render/render.h"
#include "schemas/base/memory.h"
#include "schemas/base/strings.h"

#define FOLD_FROM 3   /* fewer steps stay one by one */
#define NAMES_SHOWN 3 /* of a list that is longer than the next */
#define NAMES_WHOLE 4

static const char *last_word(const char *key) {
    const char *slash = strrchr(key, '/');
    return slash ? slash + 1 : key;
}

/* They say the same of another node. */
static bool alike(const struct plan_step *left, const struct plan_step *right) {
    if (left->kind != right->kind || left->phase != right->phase || left->action != right->action)
        return false;
    if (left->kind == STEP_PROVE_RIGHTS)
        return true;
    if (left->kind != STEP_SOURCE_SETTING && left->kind != STEP_RESTORE_SETTING)
        return false;
    return left->effects.count == 1 && right->effects.count == 1 &&
           string_same(last_word(left->key), last_word(right->key)) &&
           string_same(left->effects.items[0].before, right->effects.items[0].before) &&
           string_same(left->effects.items[0].after, right->effects.items[0].after);
}

/* What the facts list under such a path, as "source.nodes[%zu].address". */
static void list_names(const struct plan_core *core, const char *list, const char *member,
                       struct strings *out) {
    const char *name;
    do {
        AUTO(string_free) char *path = xasprintf("source.%s[%zu].%s", list, out->count, member);
        name = json_find_string(core->observed.facts, path);
        if (name)
            strings_add(out, name);
    } while (name);
}

/* Which of the names the steps are for; how many were found. */
static size_t mark(const struct plan_core *core, size_t first, size_t end,
                   const struct strings *names, bool *has) {
    size_t found = 0;
    for (size_t i = first, at = 0; i < end; i++)
        for (size_t k = 0; k < names->count; k++, at = at + 1 < names->count ? at + 1 : 0)
            if (strcmp(names->items[at], core->steps.items[i].object) == 0) {
                has[at] = true;
                found++;
                break;
            }
    return found;
}

/* "all 6 nodes", "all 3 primaries", "5 of 6 nodes (A, B, C and 2 more)". */
static char *members_text(const struct plan_core *core, size_t first, size_t end) {
    AUTO(text_clear) struct text text = { 0 };
    AUTO(strings_clear) struct strings nodes = { 0 };
    AUTO(strings_clear) struct strings primaries = { 0 };
    list_names(core, "nodes", "address", &nodes);
    list_names(core, "shards", "primary", &primaries);
    size_t room = nodes.count > primaries.count ? nodes.count : primaries.count;
    bool *has = xcalloc(room + 1, sizeof *has);
    bool only_primaries =
        primaries.count == end - first && mark(core, first, end, &primaries, has) == end - first;
    const struct strings *names =
        only_primaries && primaries.count < nodes.count ? &primaries : &nodes;
    memset(has, 0, room * sizeof *has);
    (void)mark(core, first, end, names, has);
    group_add_members(&text, names == &primaries ? "primary" : "node",
                      (const char *const *)names->items, has, names->count);
    free(has);
    AUTO(string_free) char *shortened = render_shortened(text_string(&text));
    const char *colon = strstr(shortened, ": ");
    return colon ? xasprintf("%.*s (%s)", (int)(colon - shortened), shortened, colon + 2)
                 : TAKE(shortened);
}

size_t render_fold_end(const struct plan_core *core, size_t first) {
    size_t end = first + 1;
    while (end < core->steps.count && alike(&core->steps.items[first], &core->steps.items[end]))
        end++;
    return end - first < FOLD_FROM ? first + 1 : end;
}

void render_folded_line(const struct plan_core *core, size_t first, size_t end, struct text *page) {
    const struct plan_step *step = &core->steps.items[first];
    AUTO(text_clear) struct text line = { 0 };
    render_step_line(step, &line);
    const char *whole = text_string(&line), *at = strstr(whole, step->object);
    if (end - first == 1 || !at) {
        text_add(page, whole);
        return;
    }
    AUTO(string_free) char *members = members_text(core, first, end);
    text_add_bytes(page, whole, (size_t)(at - whole));
    text_add(page, members);
    text_add(page, at + strlen(step->object));
}

char *render_shortened(const char *subject) {
    const char *colon = strstr(subject, ": "), *start = colon ? colon + 2 : NULL, *cut = start;
    size_t names = 1;
    for (const char *at = start; at && (at = strstr(at, ", ")); at += 2) {
        cut = names == NAMES_SHOWN ? at : cut;
        names++;
    }
    if (!start || names <= NAMES_WHOLE)
        return xstrdup(subject);
    return xasprintf("%.*s and %zu more", (int)(cut - subject), subject, names - NAMES_SHOWN);
}
