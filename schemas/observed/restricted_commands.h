/* Commands that ElastiCache refuses; rows in restricted_commands.def. */
#pragma once

#include <stdbool.h>

struct restricted_command {
    const char *name; /* lower case, a subcommand as "config|set" */
    bool counts;      /* commandstats prove that an application or a scheduled job calls it */
};
/* By its name in any case; NULL for a command that the service allows. */
const struct restricted_command *restricted_command_find(const char *name);
