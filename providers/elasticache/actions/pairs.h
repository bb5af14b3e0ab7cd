/* Pairs out of answers, which may be long: appended, then sorted once (pairs_set sorts each time).
 */
#pragma once

#include "schemas/json/pairs.h"

/* Without a name nothing is added; a missing value is "". */
void pairs_put(struct pairs *pairs, const char *name, const char *value);
void pairs_sort(struct pairs *pairs); /* by name */
