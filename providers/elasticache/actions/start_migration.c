#include "providers/elasticache/actions/migration.h"

bool elasticache_start(struct elasticache *service, const char *group, const char *host,
                       uint16_t port, int64_t deadline_mono_ms, struct error *err) {
    AUTO(query_clear) struct query query = { 0 };
    migration_query(&action_start_migration, group, host, port, &query);
    return service_act(service, &query, deadline_mono_ms, err);
}
