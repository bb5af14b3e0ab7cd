#include "providers/elasticache/actions/pairs.h"

#include <stdlib.h>
#include <string.h>

#include "schemas/base/memory.h"

void pairs_put(struct pairs *pairs, const char *name, const char *value) {
    if (name)
        *LIST_ADD(pairs) = (struct pair){ xstrdup(name), xstrdup(value ? value : "") };
}

static int by_name(const void *left, const void *right) {
    return strcmp(((const struct pair *)left)->name, ((const struct pair *)right)->name);
}

void pairs_sort(struct pairs *pairs) {
    if (pairs->count > 1)
        qsort(pairs->items, pairs->count, sizeof *pairs->items, by_name);
}
