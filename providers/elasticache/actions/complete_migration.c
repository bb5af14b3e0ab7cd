#include "providers/elasticache/service.h"

bool elasticache_complete(struct elasticache *service, const char *group, bool force,
                          int64_t deadline_mono_ms, int64_t *signature_expires_at_ms,
                          struct error *err) {
    AUTO(query_clear) struct query query = { 0 };
    service_query(&action_complete_migration, &query);
    query_add(&query, "ReplicationGroupId", group);
    if (force)
        query_add_bool(&query, "Force", true);
    AUTO(service_answer_clear) struct service_answer answer = { 0 };
    *signature_expires_at_ms = 0;
    return service_call(service, &query, deadline_mono_ms, signature_expires_at_ms, &answer, err);
}
