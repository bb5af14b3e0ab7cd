/* Is there still room on the source for what a step makes it take? Asked right before the step
 * acts, with the arithmetic of the plan (schemas/observed/room.h). ERROR_BLOCKED names the first
 * server that has no room, with the sum and what to do. */
#pragma once

#include <stdint.h>

#include "executor/site/site.h"

/* Room for a backlog of that size on each of these servers, in their order; -1, or NULL for all:
 * of the size that it has. */
MUST_CHECK bool memory_allows_backlogs(const struct site *site, const struct many *servers,
                                       const int64_t *backlog_bytes, struct error *err);
/* Of every primary: room for the backlog that StartMigration makes it allocate and fill, as far as
 * it is not filled, and for the answers to the comparison. */
MUST_CHECK bool memory_allows(struct site *site, struct error *err);
/* The same of one of them, by its reply to INFO. */
MUST_CHECK bool memory_has_room(const struct site *site, const char *address,
                                const struct redis_reply *info, struct error *err);
