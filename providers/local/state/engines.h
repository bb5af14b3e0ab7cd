/* Server binaries on offer, node types, parameter families: what the service would look up. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "schemas/base/error.h"
#include "schemas/base/language.h"
#include "schemas/base/strings.h"

struct engine {
    char *name;    /* redis or valkey */
    char *version; /* as the binary says: 7.0.15 */
    char *path;
};
struct engines {
    struct engine *items; /* newest first within a name */
    size_t count;
};

/* What is on PATH, and VERSION=PATH of `extra`. ERROR_NOT_FOUND when nothing runs, ERROR_USAGE for
 * an extra one that is something else than it is said to be. */
MUST_CHECK bool engines_find(const struct strings *extra, struct engines *out, struct error *err);
void engines_clear(struct engines *engines);
AUTO_VALUE(struct engines, engines_clear)
/* The newest one that the version names (7.0 names 7.0.15; NULL names any); NULL for none. */
const struct engine *engines_pick(const struct engines *engines, const char *name,
                                  const char *version);
/* The newest one that words like "valkey-8.1" or "redis" name; ERROR_USAGE says what is on offer.
 */
MUST_CHECK bool engines_choose(const struct engines *engines, const char *words,
                               const struct engine **out, struct error *err);
/* "redis7"; the caller frees. */
char *engine_family(const char *name, const char *version);
int engine_major(const char *version);
/* `redis-server --version` of either engine: pure. */
MUST_CHECK bool engine_parse(const char *output, char **name, char **version);

struct node_type {
    const char *name;
    int64_t maxmemory_bytes;
};
extern const struct node_type node_types[];
extern const size_t node_type_count;
const struct node_type *node_type_find(const char *name); /* NULL when unknown */

struct parameter {
    const char *name, *value, *data_type, *allowed;
    bool modifiable, immediate;
    const char *setting; /* the server's own name for it, or NULL: only described */
    const char *description;
};
extern const struct parameter family_parameters[];
extern const size_t family_parameter_count;
const struct parameter *parameter_find(const char *name);
