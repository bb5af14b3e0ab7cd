#include "providers/elasticache/actions/migration.h"

bool elasticache_start(struct elasticache *service, const char *group, const char *host,
                       uint16_t port, int64_t deadline_mono_ms, struct error *err) {
    AUTO(query_clear) struct query query = { 0 };
    migration_query(&action_start_migration, group, host, port, &query);
    return service_act(service, &query, deadline_mono_ms, err);
}

bool elasticache_start_serverless(struct elasticache *service, const char *cache,
                                  const struct serverless_start *start, int64_t deadline_mono_ms,
                                  struct error *err) {
    AUTO(query_clear) struct query query = { 0 };
    service_query(&action_start_migration, &query);
    query_add(&query, "ServerlessCacheName", cache);
    if (start->auto_cutover)
        query_add_bool(&query, "AutoCutover", true);
    if (start->clear_target)
        query_add_bool(&query, "ClearTargetCacheData", true);
    return service_act(service, &query, deadline_mono_ms, err);
}
