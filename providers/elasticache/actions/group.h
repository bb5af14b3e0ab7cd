/* Reading the replication group that several answers hold. */
#pragma once

#include <stdbool.h>

#include "providers/elasticache/elasticache.h"
#include "providers/elasticache/xml.h"

/* Everything may be absent but the id and the status. */
MUST_CHECK bool group_read(const struct xml *element, struct replication_group *out,
                           struct error *err);
