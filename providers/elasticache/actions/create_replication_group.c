#include <inttypes.h>
#include <string.h>

#include "providers/elasticache/actions/group.h"
#include "providers/elasticache/actions/parameter_group.h"
#include "providers/elasticache/actions/tags.h"
#include "schemas/base/memory.h"
#include "schemas/observed/mark.h"

/* A migration wants a target that survives a node: what the file leaves open becomes one replica
 * and Multi-AZ. */
#define REPLICAS_DEFAULT 1

static bool has_cluster_mode(const struct config_target *target, const struct strings *slots) {
    return slots || (target->shards != SHAPE_UNSET && target->shards > 1);
}

static void add_slots(struct query *query, const struct strings *slots, int64_t replicas) {
    static const char list[] = "NodeGroupConfiguration.NodeGroupConfiguration";
    for (size_t i = 0; i < slots->count; i++) {
        AUTO(string_free) char *id = xasprintf("%04zu", i + 1);
        AUTO(string_free) char *count = xasprintf("%" PRId64, replicas);
        query_add_item(query, list, i + 1, "NodeGroupId", id);
        query_add_item(query, list, i + 1, "Slots", slots->items[i]);
        query_add_item(query, list, i + 1, "ReplicaCount", count);
    }
}

static void add_shape(struct query *query, const struct config_target *target,
                      const struct strings *slots) {
    bool cluster = has_cluster_mode(target, slots);
    int64_t replicas =
        target->replicas_per_shard == SHAPE_UNSET ? REPLICAS_DEFAULT : target->replicas_per_shard;
    if (!cluster) {
        query_add_int(query, "NumCacheClusters", 1 + replicas);
    } else if (slots) {
        add_slots(query, slots, replicas);
    } else {
        query_add_int(query, "NumNodeGroups", target->shards);
        query_add_int(query, "ReplicasPerNodeGroup", replicas);
    }
    query_add_bool(query, "AutomaticFailoverEnabled", replicas > 0 || cluster);
    query_add_bool(query, "MultiAZEnabled",
                   target->multi_az == TRI_UNSET ? replicas > 0 : target->multi_az == TRI_YES);
}

/* Told while the group migrates, which its tags are not. */
static char *describe(const struct pairs *run_tags) {
    const char *run = run_tags ? pairs_find(run_tags, MARK_TAG_RUN) : NULL;
    return run ? mark_description(run, pairs_find(run_tags, MARK_TAG_RECORD))
               : xstrdup("created by ecmig");
}

bool elasticache_create(struct elasticache *service, const struct config_target *target,
                        const struct strings *slots, const struct pairs *run_tags,
                        int64_t deadline_mono_ms, struct error *err) {
    AUTO(string_free) char *parameter_group = NULL, *description = describe(run_tags);
    const struct parameter_group_wish wish = { target, has_cluster_mode(target, slots), run_tags };
    if (!parameter_group_make(service, &wish, deadline_mono_ms, &parameter_group, err))
        return false;
    AUTO(query_clear) struct query query = { 0 };
    service_query(&action_create_replication_group, &query);
    query_add(&query, "ReplicationGroupId", target->replication_group);
    query_add(&query, "ReplicationGroupDescription", description);
    properties_ask(target, false, &query);
    add_shape(&query, target, slots);
    query_add(&query, "CacheParameterGroupName", parameter_group);
    query_add_tags(&query, &target->tags, run_tags);
    query_add_bool(&query, "TransitEncryptionEnabled", false);
    /* Said aloud, because it cannot be changed later and the service's default differs by engine.
     */
    query_add_bool(&query, "AtRestEncryptionEnabled",
                   target->engine && strcmp(target->engine, "valkey") == 0);
    return service_act(service, &query, deadline_mono_ms, err);
}
