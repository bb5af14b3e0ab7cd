/* TestMigration and StartMigration take the same. */
#pragma once

#include "providers/elasticache/service.h"

MUST_CHECK bool migration_call(struct elasticache *service, const struct action *action,
                               const char *group, const char *host, uint16_t port,
                               int64_t deadline_mono_ms, struct error *err);
