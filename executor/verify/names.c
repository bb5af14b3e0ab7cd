#include "executor/verify/names.h"

#include <stdlib.h>
#include <string.h>

#include "schemas/base/memory.h"

/* What was taken makes room, before more memory is asked for. */
static void compact(struct names *names) {
    if (names->taken < names_left(names) || names->taken == 0)
        return;
    size_t left = names_left(names);
    size_t base = left ? names->items[names->taken].at : names->used;
    if (names->used > base)
        memmove(names->bytes, names->bytes + base, names->used - base);
    for (size_t i = 0; i < left; i++) {
        names->items[i] = names->items[names->taken + i];
        names->items[i].at -= base;
    }
    names->used -= base;
    names->taken = 0;
    names->count = left;
}

void names_add(struct names *names, const char *bytes, size_t length, size_t size_bytes,
               char type) {
    if (names->count == names->item_capacity || names->capacity - names->used < length + 1) {
        compact(names);
        if (names->count == names->item_capacity) {
            names->item_capacity = names->item_capacity ? 2 * names->item_capacity : 1024;
            names->items = xrealloc(names->items, names->item_capacity, sizeof *names->items);
        }
        while (names->capacity - names->used < length + 1) {
            names->capacity = names->capacity ? 2 * names->capacity : (size_t)16 << 10;
            names->bytes = xrealloc(names->bytes, names->capacity, 1);
        }
    }
    names->items[names->count++] = (struct name){ names->used, length, size_bytes, type };
    memcpy(names->bytes + names->used, bytes, length);
    names->used += length;
    names->bytes[names->used] = '\0';
}

void names_move(struct names *from, struct names *to) {
    const struct name *first = &from->items[from->taken];
    names_add(to, from->bytes + first->at, first->length, first->size_bytes, first->type);
    if (++from->taken == from->count)
        names_reset(from);
}

void names_reset(struct names *names) {
    names->used = names->taken = names->count = 0;
}

void names_clear(struct names *names) {
    if (!names)
        return;
    free(names->bytes);
    free(names->items);
    *names = (struct names){ 0 };
}
