/* What the applications of a source node do, as checks tell of it. */
#pragma once

#include <stddef.h>

#include "planner/situation.h"
#include "schemas/base/strings.h"
#include "schemas/base/text.h"

/* The uses of this kind, one by one: *at begins as 0; NULL ends. */
const struct observed_use *applications_next(const struct observed_node *node, const char *kind,
                                             size_t *at);
/* "app: 10.0.0.5:4711 worker, 10.0.0.6:4712 and 7 more"; a blank list adds nothing. */
void applications_add_use(struct text *text, const struct observed_use *use);
