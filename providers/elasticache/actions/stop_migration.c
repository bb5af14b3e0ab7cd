#include "providers/elasticache/actions/serverless.h"

bool elasticache_stop(struct elasticache *service, const char *cache, int64_t deadline_mono_ms,
                      struct error *err) {
    AUTO(query_clear) struct query query = { 0 };
    service_query(&action_stop_migration, &query);
    query_add(&query, "ServerlessCacheName", cache);
    return service_act(service, &query, deadline_mono_ms, err);
}
