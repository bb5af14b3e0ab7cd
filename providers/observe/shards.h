/* The node groups of a target with cluster mode: which nodes they have, and what those say. */
#pragma once

#include "providers/elasticache/elasticache.h"
#include "schemas/observed/observed.h"

/* Asks all nodes of the group at once, `timeout_ms` each, and fills in shard_list with the sums of
 * it. `out` already has node_addresses. */
void observe_shards(const struct replication_group *group, int64_t timeout_ms,
                    struct observed_target *out);
