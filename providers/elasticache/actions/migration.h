/* TestMigration and StartMigration take the same. */
#pragma once

#include "providers/elasticache/service.h"

void migration_query(const struct action *action, const char *group, const char *host,
                     uint16_t port, struct query *out);
