/* Where a run relied on approvals: at its first entry on those of its plan, and on those of a gate
 * where an entry says that the gate is behind it. Pure.
 *
 * The plan's gates say what to look for, not the entries: a gate is behind a run when an entry
 * calls it passed or its step done, or when a later step or the cutover was begun without it. */
#pragma once

#include <stddef.h>

#include "schemas/journal/journal.h"
#include "schemas/plan/plan.h"

struct reliance {
    const char *gate; /* of the plan; NULL: the plan itself */
    size_t entry;     /* index of the entry that says so */
};
struct reliances {
    struct reliance *items; /* the plan first; a gate once for each time it was passed */
    size_t count;
};
void reliances_find(const struct plan *plan, const struct journal_entries *entries,
                    struct reliances *out);
/* The last time of each gate. */
bool reliance_is_last(const struct reliances *list, size_t index);
void reliances_clear(struct reliances *list);
AUTO_VALUE(struct reliances, reliances_clear)
