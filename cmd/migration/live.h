/* How far the target is behind the source, asked now. Reads only; what cannot be told is said. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "cmd/frame/command.h"
#include "schemas/base/language.h"
#include "schemas/json/shape.h"

struct live {
    char
        *target_status; /* as the service says: available, migrating; NULL when it did not answer */
    char *link;         /* up or down; NULL while the target follows nobody */
    int64_t lag_bytes;  /* at most this much, for the target is asked first; of several shards the
                           largest; -1 when unknown */
    char *problem;      /* why something is unknown, or NULL */
    bool detached;      /* the target answers and follows nobody */
    char *mark_run, *mark_record; /* whose mark it carries, as far as that is told; else NULL */
};

extern const struct shape live_shape;
/* The call's first argument is the migration file. Takes some seconds at most. */
void live_look(const struct call *call, struct live *out);
void live_clear(struct live *live);
