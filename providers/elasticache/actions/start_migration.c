#include "providers/elasticache/actions/migration.h"

bool elasticache_start(struct elasticache *service, const char *group, const char *host,
                       uint16_t port, int64_t deadline_mono_ms, struct error *err) {
    return migration_call(service, &action_start_migration, group, host, port, deadline_mono_ms,
                          err);
}
