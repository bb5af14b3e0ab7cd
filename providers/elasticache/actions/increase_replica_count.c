#include "providers/elasticache/service.h"

bool elasticache_add_replicas(struct elasticache *service, const char *group,
                              int64_t replicas_per_shard, int64_t deadline_mono_ms,
                              struct error *err) {
    AUTO(query_clear) struct query query = { 0 };
    service_query(&action_increase_replica_count, &query);
    query_add(&query, "ReplicationGroupId", group);
    query_add_int(&query, "NewReplicaCount", replicas_per_shard);
    query_add_bool(&query, "ApplyImmediately", true); /* nothing else is taken */
    return service_act(service, &query, deadline_mono_ms, err);
}
