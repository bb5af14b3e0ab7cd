#include <string.h>

#include "providers/elasticache/service.h"

/* A migration wants a target that survives a node: what the file leaves open becomes one replica
 * and Multi-AZ. */
#define REPLICAS_DEFAULT 1

static void add_shape(struct query *query, const struct config_target *target) {
    int64_t shards = target->shards == SHAPE_UNSET ? 1 : target->shards;
    int64_t replicas =
        target->replicas_per_shard == SHAPE_UNSET ? REPLICAS_DEFAULT : target->replicas_per_shard;
    if (shards == 1) {
        query_add_int(query, "NumCacheClusters", 1 + replicas);
    } else {
        query_add_int(query, "NumNodeGroups", shards);
        query_add_int(query, "ReplicasPerNodeGroup", replicas);
    }
    query_add_bool(query, "AutomaticFailoverEnabled", replicas > 0 || shards > 1);
    query_add_bool(query, "MultiAZEnabled",
                   target->multi_az == TRI_UNSET ? replicas > 0 : target->multi_az == TRI_YES);
}

static void add_tags(struct query *query, const struct pairs *pairs, const struct pairs *stronger,
                     size_t *number) {
    for (size_t i = 0; pairs && i < pairs->count; i++) {
        bool overruled = false;
        for (size_t j = 0; stronger && j < stronger->count; j++)
            overruled = overruled || strcmp(pairs->items[i].name, stronger->items[j].name) == 0;
        if (overruled)
            continue;
        (*number)++;
        query_add_item(query, "Tags.Tag", *number, "Key", pairs->items[i].name);
        query_add_item(query, "Tags.Tag", *number, "Value", pairs->items[i].value);
    }
}

bool elasticache_create(struct elasticache *service, const struct config_target *target,
                        const struct pairs *run_tags, int64_t deadline_mono_ms, struct error *err) {
    if (target->parameters.count) {
        (void)error_set(err, ERROR_FAILED,
                        "creating a group with target.parameters is not "
                        "supported yet");
        return error_hint(err, "create the group beforehand, or leave the parameters out");
    }
    const struct action *action = &action_create_replication_group;
    AUTO(query_clear) struct query query = { 0 };
    service_query(action, &query);
    query_add(&query, "ReplicationGroupId", target->replication_group);
    query_add(&query, "ReplicationGroupDescription", "created by ecmig");
    query_add(&query, "Engine", target->engine);
    query_add(&query, "EngineVersion", target->engine_version);
    query_add(&query, "CacheNodeType", target->node_type);
    add_shape(&query, target);
    query_add(&query, "CacheSubnetGroupName", target->subnet_group);
    for (size_t i = 0; i < target->security_groups.count; i++)
        query_add_item(&query, "SecurityGroupIds.SecurityGroupId", i + 1, NULL,
                       target->security_groups.items[i]);
    size_t tags = 0;
    add_tags(&query, &target->tags, run_tags, &tags);
    add_tags(&query, run_tags, NULL, &tags);
    query_add_bool(&query, "TransitEncryptionEnabled", false);
    /* Said aloud, because it cannot be changed later and the service's default differs by engine.
     */
    query_add_bool(&query, "AtRestEncryptionEnabled",
                   target->engine && strcmp(target->engine, "valkey") == 0);
    AUTO(xml_free) struct xml *answer = NULL;
    return service_call(service, action, &query, deadline_mono_ms, NULL, &answer, NULL, err);
}
