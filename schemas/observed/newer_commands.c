#include "schemas/observed/newer_commands.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "schemas/base/language.h"

static const struct newer_command rows[] = {
#define NEWER_WRITE(name, redis, valkey) { name, redis, valkey, true },
#define NEWER_CALL(name, redis, valkey) { name, redis, valkey, false },
#include "schemas/observed/newer_commands.def"
#undef NEWER_CALL
#undef NEWER_WRITE
};

const struct newer_command *newer_command_find(const char *name) {
    for (size_t i = 0; i < COUNT(rows); i++)
        if (strcasecmp(rows[i].name, name) == 0)
            return &rows[i];
    return NULL;
}

bool newer_command_is_in(const struct newer_command *command, const char *engine,
                         const char *version) {
    int first = strcmp(engine, "valkey") == 0 ? command->valkey : command->redis;
    int major = 0, minor = 0;
    return first && sscanf(version, "%5d.%5d", &major, &minor) >= 1 && 100 * major + minor >= first;
}
