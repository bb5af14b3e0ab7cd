#include "planner/applications.h"

#include <inttypes.h>
#include <string.h>

const struct observed_use *applications_next(const struct observed_node *node, const char *kind,
                                             size_t *at) {
    while (*at < node->applications.uses.count) {
        const struct observed_use *use = &node->applications.uses.items[(*at)++];
        if (strcmp(use->kind, kind) == 0)
            return use;
    }
    return NULL;
}

void applications_add_use(struct text *text, const struct observed_use *use) {
    int64_t more = use->count - (int64_t)use->clients.count;
    if (*text_string(text))
        text_add(text, "; ");
    if (use->what)
        text_addf(text, "%s: ", use->what);
    for (size_t i = 0; i < use->clients.count; i++)
        text_addf(text, "%s%s", i ? ", " : "", use->clients.items[i]);
    if (more > 0)
        text_addf(text, " and %" PRId64 " more", more);
}
