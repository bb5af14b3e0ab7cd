#include "executor/verify/replicas.h"

#include <string.h>

#include "executor/many.h"
#include "executor/replication.h"

#define LAG_CEILING_BYTES ((int64_t)1 << 20)

static bool is_caught_up(const struct replication *replica, const struct replication *primary) {
    return replica->link_up && !replica->syncing && replica->replid && primary->replid &&
           strcmp(replica->replid, primary->replid) == 0 &&
           replica->applied_offset >= primary->offset - LAG_CEILING_BYTES;
}

/* The one of the shard that is furthest; NULL when none is caught up. */
static struct redis_connection *replica_of(const struct site *site, size_t shard,
                                           const struct replications *seen) {
    const struct replication *best = NULL;
    struct redis_connection *connection = NULL;
    for (size_t i = 0; i < site->nodes.count; i++) {
        const struct site_node *node = &site->nodes.items[i];
        const struct replication *replica = &seen->items[i];
        if (node->shard != shard || node->is_primary ||
            !is_caught_up(replica, &seen->items[site->shards.items[shard].primary]) ||
            (best && best->applied_offset >= replica->applied_offset))
            continue;
        best = replica;
        connection = node->connection;
    }
    return connection;
}

bool verify_read_replicas(struct site *site, struct verify_pairs *pairs, size_t *count,
                          struct error *err) {
    AUTO(many_clear) struct many nodes = { 0 }, replicas = { 0 };
    AUTO(replications_clear) struct replications seen = { 0 };
    size_t found = 0;
    if (!site_source(site, SITE_REPLICAS, err))
        return false;
    site_list(site, SITE_NODES, &nodes);
    site_list(site, SITE_REPLICAS, &replicas);
    /* A replica of cluster mode answers reads only after READONLY. */
    if ((site->target_is_cluster &&
         !many_call(&replicas, site_deadline(site), NULL, err, "READONLY", NULL)) ||
        !replication_ask_many(&nodes, "replication", site_deadline(site), &seen, err))
        return false;
    for (size_t s = 0; s < pairs->count; s++) {
        struct redis_connection *replica = replica_of(site, s, &seen);
        if (!replica)
            continue;
        pairs->items[s].source = replica;
        found++;
    }
    *count = found;
    return true;
}
