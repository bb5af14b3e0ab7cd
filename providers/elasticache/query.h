/* The body of a Query call: Action=…&Version=…&Name=value, form encoded. A NULL value is left out.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "schemas/base/language.h"
#include "schemas/base/text.h"

struct action;

struct query {
    const struct action *action; /* by service_query() */
    struct text body;
};

void query_init(struct query *query, const char *action, const char *version);
void query_add(struct query *query, const char *name, const char *value);
void query_add_int(struct query *query, const char *name, int64_t value);
void query_add_bool(struct query *query, const char *name, bool value);
/* One field of a list: query_add_item(q, "Tags.Tag", 2, "Key", "x") is Tags.Tag.2.Key=x, without a
 * field Tags.Tag.2=x. `number` counts from 1. */
void query_add_item(struct query *query, const char *list, size_t number, const char *field,
                    const char *value);
void query_clear(struct query *query);
AUTO_VALUE(struct query, query_clear)
