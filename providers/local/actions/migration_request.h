/* TestMigration and StartMigration take the same and refuse the same. */
#pragma once

#include "providers/local/actions/action.h"

/* The one element of CustomerNodeEndpointList, borrowed from the form. */
MUST_CHECK bool migration_endpoint(struct request *request, const char **host, int64_t *port);
MUST_CHECK bool migration_request(struct request *request, enum group_phase phase,
                                  int64_t delay_ms);
