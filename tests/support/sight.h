/* Configurations and observations for planner tests: each starts as a migration that is ready. */
#pragma once

#include "schemas/config/config.h"
#include "schemas/observed/observed.h"

#define SIGHT_SOURCE "10.20.4.11:6379"
#define SIGHT_REPLICA "10.20.4.12:6379"
#define SIGHT_DEFAULT_LIMITS "normal 0 0 0 slave 268435456 67108864 60 pubsub 33554432 8388608 60"

struct sight {
    struct config config;
    struct observed observed;
};

/* A Redis 7.0 with 36 GiB and one replica, every setting good enough; the group does not exist and
 * may be created. */
void sight_init(struct sight *sight);
/* A server of that source under another address; `role` is master or slave. */
void sight_fill_node(struct observed_node *node, const char *address, const char *role);
/* The source runs in cluster mode instead: so many shards of equal ranges, each with so many
 * replicas, and as much data in all; sight_target_exists() makes a group to match. Addresses are
 * sight_address(n), shard by shard. */
void sight_cluster(struct sight *sight, size_t shards, size_t replicas);
char *sight_address(size_t number); /* 10.20.4.1:6379 for 0; the caller frees */
/* Gives the shards these slots instead; NULL ends. */
void sight_slots(struct sight *sight, const char *const *slots);
/* The shard of the group follows the primary with the same place, or `from`. */
void sight_shard_follows(struct sight *sight, size_t shard, const char *from);
/* Three Sentinels watch the source, and writers are refused at once. */
void sight_sentinel(struct sight *sight);
/* The group exists as the file wants it, available and empty. */
void sight_target_exists(struct sight *sight);
/* It follows the source: StartMigration was sent by an open run. */
void sight_target_follows(struct sight *sight);
/* sight_target_follows, with the critical section open at a mark ("sending"), fenced, and a setting
 * raised; from "confirmed" on the target is promoted. */
void sight_section_open(struct sight *sight, const char *mark);
/* The run ended well. */
void sight_finished(struct sight *sight);
struct observed_node *sight_source(struct sight *sight);
void sight_set(struct sight *sight, const char *setting, const char *value); /* on the source */
/* The hours in which the cutover may begin. */
void sight_window(struct sight *sight, const char *not_before, const char *not_after,
                  const char *zone);
void sight_waive(struct sight *sight, const char *finding, const char *reason);
void sight_no_switch(struct sight *sight);
void sight_clear(struct sight *sight);
AUTO_VALUE(struct sight, sight_clear)
