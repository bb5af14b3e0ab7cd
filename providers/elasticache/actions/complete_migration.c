#include "providers/elasticache/service.h"

bool elasticache_complete(struct elasticache *service, const char *group, bool force,
                          int64_t deadline_mono_ms, int64_t *signature_expires_at_ms,
                          struct error *err) {
    const struct action *action = &action_complete_migration;
    AUTO(query_clear) struct query query = { 0 };
    service_query(action, &query);
    query_add(&query, "ReplicationGroupId", group);
    if (force)
        query_add_bool(&query, "Force", true);
    AUTO(xml_free) struct xml *answer = NULL;
    *signature_expires_at_ms = 0;
    return service_call(service, action, &query, deadline_mono_ms, signature_expires_at_ms, &answer,
                        NULL, err);
}
