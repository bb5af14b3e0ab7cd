/* Properties of a group that the endpoint keeps and tells, and that is all: those rows of
 * schemas/config/target_properties.def that say what it has without. */
#pragma once

#include "providers/local/actions/request.h"
#include "schemas/observed/properties.h"

/* What the request has of them, or what a new group has without. */
void kept_take(const struct request *request, bool is_new, struct group *group);
/* As elements of an answer. */
void kept_answer(struct text *out, enum property_place place, const struct group *group);
