#include "tests/support/sight_cluster.h"

#include <stdlib.h>

#include "schemas/base/memory.h"
#include "schemas/base/slots.h"

#define NODES_A_NETWORK 250

char *sight_address(size_t number) {
    return xasprintf("10.20.%zu.%zu:6379", 4 + number / NODES_A_NETWORK,
                     1 + number % NODES_A_NETWORK);
}

static void add_node(struct sight *sight, const char *address, const char *role, size_t shards) {
    struct observed_node *node = LIST_ADD(&sight->observed.source.nodes);
    *node = (struct observed_node){ 0 };
    sight_fill_node(node, address, role);
    node->cluster_enabled = true;
    node->used_memory_bytes /= (int64_t)shards;
    node->dataset_bytes /= (int64_t)shards;
    node->databases.items[0].keys /= (int64_t)shards;
}

static void add_shard(struct sight *sight, size_t index, size_t shards, size_t replicas) {
    struct observed_source *source = &sight->observed.source;
    struct observed_shard *shard = LIST_ADD(&source->shards);
    *shard = (struct observed_shard){ 0 };
    shard->primary = sight_address(index * (1 + replicas));
    shard->slots =
        xasprintf("%zu-%zu", index * SLOT_COUNT / shards, (index + 1) * SLOT_COUNT / shards - 1);
    add_node(sight, shard->primary, "master", shards);
    for (size_t i = 1; i <= replicas; i++) {
        AUTO(string_free) char *address = sight_address(index * (1 + replicas) + i);
        add_node(sight, address, "slave", shards);
        string_replace(&source->nodes.items[source->nodes.count - 1].follows, shard->primary);
        strings_add(&shard->replicas, address);
    }
    strings_sort(&shard->replicas);
}

void sight_cluster(struct sight *sight, size_t shards, size_t replicas) {
    struct observed_source *source = &sight->observed.source;
    struct observed old = { .source = *source };
    observed_clear(&old);
    *source = (struct observed_source){ .topology = TOPOLOGY_CLUSTER };
    sight->config.source.topology = TOPOLOGY_CLUSTER;
    sight->config.target.shards = (int64_t)shards;
    strings_clear(&sight->config.source.nodes);
    for (size_t i = 0; i < shards; i++)
        add_shard(sight, i, shards, replicas);
    strings_add(&sight->config.source.nodes, source->nodes.items[0].address);
    string_replace(&source->agreement.state, "ok");
}

void sight_slots(struct sight *sight, const char *const *slots) {
    for (size_t i = 0; slots[i]; i++)
        string_replace(&sight->observed.source.shards.items[i].slots, slots[i]);
}

void sight_group_in_cluster_mode(struct sight *sight) {
    struct observed_target *target = &sight->observed.target;
    const struct observed_source *source = &sight->observed.source;
    target->cluster_enabled = true;
    target->node_reachable = false;
    target->shards = sight->config.target.shards;
    string_replace(&target->primary, NULL);
    string_replace(&target->reader, NULL);
    string_replace(&target->role, NULL);
    string_replace(&target->configuration, "10.30.0.2:6379");
    for (size_t i = 0; i < source->shards.count; i++)
        *LIST_ADD(&target->shard_list) = (struct observed_target_shard){
            .id = xasprintf("%04zu", i + 1),
            .slots = xstrdup(source->shards.items[i].slots),
            .role = xstrdup("master"),
        };
}

void sight_shard_follows(struct sight *sight, size_t shard, const char *from) {
    struct observed_target_shard *own = &sight->observed.target.shard_list.items[shard];
    string_replace(&sight->observed.target.status, "migrating");
    string_replace(&own->role, "slave");
    string_replace(&own->replicates_from,
                   from ? from : sight->observed.source.shards.items[shard].primary);
}

void sight_sentinel(struct sight *sight) {
    struct observed_source *source = &sight->observed.source;
    struct observed_shard *shard = LIST_ADD(&source->shards);
    *shard = (struct observed_shard){ .primary = xstrdup(SIGHT_SOURCE) };
    strings_add(&shard->replicas, SIGHT_REPLICA);
    source->topology = sight->config.source.topology = TOPOLOGY_SENTINEL;
    source->agreement.sentinels = 3;
    source->agreement.quorum = 2;
    string_replace(&sight->config.source.sentinel_master, "orders");
    sight->config.cutover.writes = WRITES_REJECT;
}
