#include "executor/verify/rows.h"

#include <string.h>

#include "schemas/base/memory.h"

/* The first that is not below. */
static size_t index_of(const struct verify_databases *rows, int64_t database) {
    size_t low = 0, high = rows->count;
    /* They mostly come in order. */
    if (high > 0 && rows->items[high - 1].database < database)
        return high;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (rows->items[middle].database < database)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

struct verify_database *rows_find(const struct verify_databases *rows, int64_t database) {
    size_t at = index_of(rows, database);
    return at < rows->count && rows->items[at].database == database ? &rows->items[at] : NULL;
}

struct verify_database *rows_have(struct verify_databases *rows, int64_t database, size_t *index) {
    size_t at = index_of(rows, database);
    *index = at;
    if (at < rows->count && rows->items[at].database == database)
        return &rows->items[at];
    (void)LIST_ADD(rows);
    memmove(&rows->items[at + 1], &rows->items[at], (rows->count - 1 - at) * sizeof *rows->items);
    rows->items[at] = (struct verify_database){ .database = database };
    return &rows->items[at];
}

bool rows_are_few(const struct verify_databases *rows, int64_t keys) {
    return (int64_t)rows->count <= keys;
}
