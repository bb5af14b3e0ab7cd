/* Is there still room on the source for what a step makes it take? Asked right before the step
 * acts, with the arithmetic of the plan (schemas/observed/room.h). */
#pragma once

#include "executor/steps/setting.h"

/* Of the nodes that are ordered another value: ERROR_BLOCKED names the first that has no room for
 * it, with the sum and what to do. */
MUST_CHECK bool memory_allows_setting(struct step_run *run, const struct setting_nodes *nodes,
                                      struct error *err);
/* Of every primary: room for the backlog that StartMigration makes it allocate and fill, as far as
 * it is not filled, and for the answers to the comparison. */
MUST_CHECK bool memory_allows(struct step_run *run, struct error *err);
/* The same of one of them, by its reply to INFO. */
MUST_CHECK bool memory_has_room(struct step_run *run, const char *address,
                                const struct redis_reply *info, struct error *err);
