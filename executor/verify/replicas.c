#include "executor/verify/replicas.h"

#include <inttypes.h>
#include <string.h>

#include "executor/site/many.h"
#include "executor/site/replication.h"
#include "schemas/base/memory.h"
#include "schemas/base/text.h"

void verify_pairs_of(const struct site *site, const struct positions *seen,
                     struct verify_pairs *out) {
    for (size_t s = 0; s < seen->count; s++)
        *LIST_ADD(out) = (struct verify_pair){
            .name = site->shards.items[s].name,
            .slots = site->shards.items[s].slots,
            .source = site_primary(site, s)->connection,
            .target = site->targets.items[seen->items[s].node].connection,
        };
}

#define LAG_CEILING_BYTES ((int64_t)1 << 20)

/* Why this replica cannot stand for its primary; NULL: it can. */
static const char *obstacle(const struct replication *replica, const struct replication *primary) {
    if (replica->is_primary)
        return "is not a replica";
    if (replica->syncing)
        return "is still copying from its primary";
    if (!replica->link_up)
        return "has lost the link to its primary";
    if (!replica->replid || !primary->replid || strcmp(replica->replid, primary->replid) != 0)
        return "has another replication history";
    if (replica->applied_offset < primary->offset - LAG_CEILING_BYTES)
        return "is more than 1 MiB behind";
    return NULL;
}

/* The one of the shard that is furthest. Without one that qualifies the pair says why. */
static void read_replica(const struct site *site, size_t shard, const struct replications *seen,
                         struct verify_pair *pair) {
    const struct replication *primary = &seen->items[site->shards.items[shard].primary];
    const struct replication *best = NULL;
    struct redis_connection *connection = NULL;
    AUTO(text_clear) struct text why = { 0 };
    for (size_t i = 0; i < site->nodes.count; i++) {
        const struct site_node *node = &site->nodes.items[i];
        const struct replication *replica = &seen->items[i];
        if (node->shard != shard || node->is_primary)
            continue;
        const char *problem = obstacle(replica, primary);
        if (problem)
            text_addf(&why, "%s%s %s", why.length ? "; " : "", node->address, problem);
        if (problem || (best && best->applied_offset >= replica->applied_offset))
            continue;
        best = replica;
        connection = node->connection;
    }
    if (!best) {
        pair->not_replica = xstrdup(why.length ? text_string(&why) : "it lists no replica");
        return;
    }
    pair->primary = pair->source;
    pair->source = connection;
    pair->writable = best->writable;
}

bool verify_read_replicas(struct site *site, struct verify_pairs *pairs, struct error *err) {
    AUTO(many_clear) struct many nodes = { 0 }, replicas = { 0 };
    AUTO(replications_clear) struct replications seen = { 0 };
    if (!site_source(site, SITE_REPLICAS, err))
        return false;
    site_list(site, SITE_NODES, &nodes);
    site_list(site, SITE_REPLICAS, &replicas);
    /* A replica of cluster mode answers reads only after READONLY. */
    if ((site->target_is_cluster &&
         !many_call(&replicas, site_deadline(site), NULL, err, "READONLY", NULL)) ||
        !replication_ask_many(&nodes, NULL, site_deadline(site), &seen, err))
        return false;
    for (size_t s = 0; s < pairs->count; s++)
        read_replica(site, s, &seen, &pairs->items[s]);
    return true;
}
