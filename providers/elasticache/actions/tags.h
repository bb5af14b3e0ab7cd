/* Tags in requests. */
#pragma once

#include "providers/elasticache/query.h"
#include "schemas/json/pairs.h"

/* Tags.Tag.N.Key and .Value: of both, and where both name a key the stronger one's. Either may be
 * NULL. */
void query_add_tags(struct query *query, const struct pairs *weaker, const struct pairs *stronger);
