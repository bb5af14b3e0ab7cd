#include "planner/engine.h"

#include <string.h>

#include "planner/version.h"
#include "schemas/base/language.h"

/* The first major version that nobody has looked at. */
static const struct {
    const char *engine;
    int below;
} rows[] = { { "redis", 9 }, { "valkey", 10 } };

bool engine_is_proven(const struct observed_node *node) {
    for (size_t i = 0; node->engine && i < COUNT(rows); i++)
        if (strcmp(node->engine, rows[i].engine) == 0)
            return version_below(node->version, rows[i].below, 0, 0);
    return false;
}
