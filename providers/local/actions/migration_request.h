/* TestMigration and StartMigration take the same and refuse the same. */
#pragma once

#include "providers/local/actions/action.h"

MUST_CHECK bool migration_request(struct request *request, enum group_phase phase,
                                  int64_t delay_ms);
