/* Name and value pairs out of answers. */
#pragma once

#include "schemas/config/config.h"

/* Without a name nothing is added; a missing value is "". */
void pairs_put(struct pairs *pairs, const char *name, const char *value);
void pairs_sort(struct pairs *pairs); /* by name */
