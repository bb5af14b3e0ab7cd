/* Faults of a migration file, collected with their places. Private to schemas/config. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "schemas/base/findings.h"
#include "schemas/base/language.h"
#include "schemas/base/strings.h"

struct place {
    size_t line, column; /* 1-based, column in characters */
};

struct faults {
    struct findings *list;
    const char *subject;      /* the file's name */
    size_t count;             /* of this file */
    size_t last;              /* index of the fault that fault_hint speaks of */
    struct strings bad_paths; /* keys whose value is unknown because it has a fault */
};

/* Past a bound faults are counted, not kept: a file of another kind would give thousands. */
void fault(struct faults *faults, struct place at, const char *format, ...) PRINTF_LIKE(3, 4);
void fault_hint(struct faults *faults, const char *format, ...)
    PRINTF_LIKE(2, 3);                                             /* of the last fault */
bool fault_touches(const struct faults *faults, const char *path); /* this key or one below it */
char *fault_quote(const char *value); /* printable and short, in quotes; the caller frees */
