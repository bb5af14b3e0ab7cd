/* A healthy observation, what is done to it, and what must be found then. */
#pragma once

#include "schemas/base/findings.h"
#include "tests/support/sight.h"

/* spoil_NAME(struct sight *s) with this body. */
#define SPOIL(name, ...)                                                                           \
    static void spoil_##name(struct sight *s) {                                                    \
        __VA_ARGS__;                                                                               \
    }

struct spoiled {
    const char *id;
    enum severity severity;
    void (*scene)(struct sight *s); /* NULL: the group does not exist yet */
    void (*spoil)(struct sight *s);
    const char *summary;
    const char *subject, *detail; /* NULL: whatever they are */
};

/* Each ends with a row without id. */
extern const struct spoiled spoiled_servers[], spoiled_targets[], spoiled_clusters[],
    spoiled_records[];
