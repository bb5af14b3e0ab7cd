/* Reading the replication group that several answers hold. */
#pragma once

#include <stdbool.h>

#include "providers/elasticache/elasticache.h"
#include "providers/elasticache/query.h"
#include "providers/elasticache/xml.h"
#include "schemas/observed/properties.h"

/* Those rows of target_properties.def that this answer has. */
void properties_read(const struct xml *element, enum property_place place, struct pairs *out);
/* Adds the parameters of the rows that have one; `changes`: of those alone that may be changed. */
void properties_ask(const struct config_target *target, bool changes, struct query *query);
/* Everything may be absent but the id and the status. */
MUST_CHECK bool group_read(const struct xml *element, struct replication_group *out,
                           struct error *err);
