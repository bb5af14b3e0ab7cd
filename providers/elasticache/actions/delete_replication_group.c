#include "providers/elasticache/service.h"

bool elasticache_delete(struct elasticache *service, const char *group, int64_t deadline_mono_ms,
                        struct error *err) {
    const struct action *action = &action_delete_replication_group;
    AUTO(query_clear) struct query query = { 0 };
    service_query(action, &query);
    query_add(&query, "ReplicationGroupId", group);
    AUTO(xml_free) struct xml *answer = NULL;
    return service_call(service, action, &query, deadline_mono_ms, NULL, &answer, NULL, err);
}
