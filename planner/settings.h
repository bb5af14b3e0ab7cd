/* The source's CONFIG parameters that a migration raises and gives back: one row each. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "planner/situation.h"

struct source_setting {
    const char *name;
    bool only_when_listed; /* in source.manage */
    bool primary_only;     /* matters on the nodes that the target connects to */
    const char *why;
    /* The value CONFIG SET takes, in the form CONFIG GET shows, so that reading back compares;
     * NULL when `current` is good enough or not understood. The caller frees. Only constants and
     * powers of two, so that traffic does not change the plan; by the largest shard, so that every
     * node gets the same. */
    char *(*wanted)(const struct situation *situation, const char *current);
};

const struct source_setting *setting_at(size_t index); /* NULL past the last */
/* What this node's setting should become, NULL when it stays; the caller frees. */
char *setting_wanted(const struct situation *situation, const struct source_setting *setting,
                     const struct observed_node *node);
/* As above for a setting by its name, whether or not source.manage lists it. */
char *setting_lacking(const struct situation *situation, const char *name,
                      const struct observed_node *node);
/* As setting_wanted, by name. */
char *setting_raised(const struct situation *situation, const struct observed_node *node,
                     const char *name);
bool setting_is_listed(const struct config *config, const char *name);
/* A value as a line has room for it: of the buffer limits only the replica class, sizes short; the
 * caller frees. */
char *setting_shown(const char *name, const char *value);
/* The value before any unfinished run of ours, else the present one. */
const char *setting_original(const struct situation *situation, const struct observed_node *node,
                             const char *name);
