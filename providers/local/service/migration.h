/* Online Migration, as the service does it: the primary of each shard follows the customer's
 * server, and is promoted again at the end or when that fails. */
#pragma once

#include <stdint.h>

#include "providers/local/state/endpoint.h"

/* Brings the group forward while it is in a phase of a migration. */
void migration_advance(struct endpoint *endpoint, struct group *group, int64_t now_ms);
