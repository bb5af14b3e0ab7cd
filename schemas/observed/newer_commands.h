/* Commands that not every engine knows; rows in newer_commands.def. */
#pragma once

#include <stdbool.h>

struct newer_command {
    const char *name;   /* lower case, a subcommand as "xgroup|createconsumer" */
    int redis, valkey;  /* first version, 100 * major + minor; 0: none */
    bool is_replicated; /* replicas receive it, and not something older that has its effect */
};
/* By its name in any case; NULL for a command that every engine knows. */
const struct newer_command *newer_command_find(const char *name);
/* Does this version of "redis" or "valkey" have it? */
bool newer_command_is_in(const struct newer_command *command, const char *engine,
                         const char *version);
