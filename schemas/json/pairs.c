#include "schemas/json/pairs.h"

#include <stdlib.h>
#include <string.h>

#include "schemas/base/memory.h"

static const struct shape_field pair_fields[] = {
    FIELD(struct pair, name, SHAPE_STRING, .flags = SHAPE_REQUIRED),
    FIELD(struct pair, value, SHAPE_STRING, .flags = SHAPE_REQUIRED),
};
const struct shape pair_shape = SHAPE("pair", struct pair, pair_fields);

static struct pair *find(const struct pairs *pairs, const char *name) {
    for (size_t i = 0; i < pairs->count; i++)
        if (strcmp(pairs->items[i].name, name) == 0)
            return &pairs->items[i];
    return NULL;
}

const char *pairs_find(const struct pairs *pairs, const char *name) {
    const struct pair *pair = find(pairs, name);
    return pair ? pair->value : NULL;
}

void pairs_set(struct pairs *pairs, const char *name, const char *value) {
    struct pair *pair = find(pairs, name);
    if (pair) {
        string_replace(&pair->value, value);
        return;
    }
    (void)LIST_ADD(pairs);
    size_t at = pairs->count - 1;
    for (; at > 0 && strcmp(pairs->items[at - 1].name, name) > 0; at--)
        pairs->items[at] = pairs->items[at - 1];
    pairs->items[at] = (struct pair){ .name = xstrdup(name), .value = xstrdup(value) };
}

bool pairs_remove(struct pairs *pairs, const char *name) {
    struct pair *pair = find(pairs, name);
    if (!pair)
        return false;
    shape_clear(&pair_shape, pair);
    struct pair *end = &pairs->items[--pairs->count];
    memmove(pair, pair + 1, (size_t)(end - pair) * sizeof *pair);
    return true;
}

static void pair_clear(struct pair *pair) {
    shape_clear(&pair_shape, pair);
}

void pairs_clear(struct pairs *pairs) {
    if (!pairs)
        return;
    LIST_CLEAR(pairs, pair_clear);
}
