/* Names and values, as tags, parameters and settings are: {name, value} in JSON. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "schemas/base/language.h"
#include "schemas/json/shape.h"

struct pair {
    char *name, *value;
};

struct pairs {
    struct pair *items;
    size_t count;
};

extern const struct shape pair_shape;

const char *pairs_find(const struct pairs *pairs, const char *name); /* NULL when absent */
void pairs_set(struct pairs *pairs, const char *name,
               const char *value);                        /* keeps them sorted by name */
bool pairs_remove(struct pairs *pairs, const char *name); /* was it there? */
void pairs_clear(struct pairs *pairs);
AUTO_VALUE(struct pairs, pairs_clear)
