/* The wanted target against the observed one: only what the file gives is compared. */
#pragma once

#include <stddef.h>

#include "schemas/base/language.h"
#include "schemas/config/config.h"
#include "schemas/observed/observed.h"

struct difference {
    char *field;         /* as parameters.maxmemory-policy */
    char *wanted, *seen; /* seen is NULL when the target has nothing of the kind */
};

struct differences {
    struct difference *items; /* sorted by field */
    size_t count;
    size_t equal_count; /* compared and found equal */
};

void diff_target(const struct config_target *wanted, const struct observed_target *seen,
                 struct differences *out);
void differences_clear(struct differences *differences);
AUTO_VALUE(struct differences, differences_clear)
