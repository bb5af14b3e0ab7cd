/* Key names, first in first out, in one piece of memory. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "schemas/base/language.h"

struct name {
    size_t at, length;
    size_t size_bytes; /* of the value, where it was asked */
    char type;         /* its first letter, as TYPE says it; 0 while unknown */
};
struct names {
    char *bytes;
    size_t used, capacity;
    struct name *items;
    size_t taken, count, item_capacity; /* [taken, count) are left */
};

void names_add(struct names *names, const char *bytes, size_t length, size_t size_bytes, char type);
/* Moves the first one over. */
void names_move(struct names *from, struct names *to);
void names_reset(struct names *names);
static inline size_t names_left(const struct names *names) {
    return names->count - names->taken;
}
static inline const char *names_bytes(const struct names *names, size_t index) {
    return names->bytes + names->items[index].at;
}
void names_clear(struct names *names);
AUTO_VALUE(struct names, names_clear)
