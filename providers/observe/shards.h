/* The node groups of a target with cluster mode: which nodes they have, and what those say. */
#pragma once

#include "providers/elasticache/elasticache.h"
#include "providers/redis/access.h"
#include "providers/redis/redis.h"
#include "schemas/observed/observed.h"

struct target_state { /* of one node, from its INFO */
    char *role, *follows, *link_status;
    int64_t keys, used_memory_bytes, replication_offset;
};
void target_state_read(const struct redis_reply *reply, struct target_state *out);
void target_state_clear(struct target_state *state);
AUTO_VALUE(struct target_state, target_state_clear)

/* Asks all nodes of the group at once, `timeout_ms` each, and fills in shard_list with the sums of
 * it. `out` already has node_addresses. */
void observe_shards(const struct replication_group *group, const struct redis_access *access,
                    int64_t timeout_ms, struct observed_target *out);
