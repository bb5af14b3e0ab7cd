#include "providers/local/actions/action.h"

#include <string.h>

#include "schemas/base/memory.h"

static const struct action actions[] = {
#define ACTION(symbol, name, service, effect) { name, service, effect, serve_##symbol },
#include "providers/local/actions/actions.def"
#undef ACTION
};

const struct action *action_find(const char *name, const char *version) {
    for (size_t i = 0; i < COUNT(actions); i++)
        if (strcmp(actions[i].name, name) == 0 && strcmp(actions[i].version, version) == 0)
            return &actions[i];
    return NULL;
}
