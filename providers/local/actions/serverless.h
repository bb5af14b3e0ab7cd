/* Migrations to serverless caches: the requests are judged as the documents say, and no such cache
 * is ever there, because this endpoint makes replication groups only. */
#pragma once

#include "providers/local/actions/action.h"

/* Refuses for want of the cache that ServerlessCacheName names, or of that name. */
bool refuse_serverless(struct request *request);
