#include "providers/elasticache/actions/migration.h"

bool elasticache_test(struct elasticache *service, const char *group, const char *host,
                      uint16_t port, int64_t deadline_mono_ms, struct error *err) {
    return migration_call(service, &action_test_migration, group, host, port, deadline_mono_ms,
                          err);
}
