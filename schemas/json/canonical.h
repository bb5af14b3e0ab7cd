/* The canonical form: UTF-8, keys sorted by bytes, no white space. Written by hand because a plan
 * of hundreds of shards is hashed by the megabyte. */
#pragma once

#include "schemas/base/text.h"
#include "schemas/json/json.h"

void canonical_add(const struct json *value, struct text *out);
