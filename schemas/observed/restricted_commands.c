#include "schemas/observed/restricted_commands.h"

#include <stddef.h>
#include <strings.h>

#include "schemas/base/language.h"

enum { SEEN, CALLS };

static const struct restricted_command rows[] = {
#define RESTRICTED(name, evidence) { name, (evidence) == CALLS },
#include "schemas/observed/restricted_commands.def"
#undef RESTRICTED
};

const struct restricted_command *restricted_command_find(const char *name) {
    for (size_t i = 0; i < COUNT(rows); i++)
        if (strcasecmp(rows[i].name, name) == 0)
            return &rows[i];
    return NULL;
}
