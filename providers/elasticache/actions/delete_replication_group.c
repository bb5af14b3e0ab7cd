#include "providers/elasticache/service.h"

bool elasticache_delete(struct elasticache *service, const char *group, int64_t deadline_mono_ms,
                        struct error *err) {
    AUTO(query_clear) struct query query = { 0 };
    service_query(&action_delete_replication_group, &query);
    query_add(&query, "ReplicationGroupId", group);
    return service_act(service, &query, deadline_mono_ms, err);
}
