/* What the journal tells the planner. */
#pragma once

#include "executor/journal.h"
#include "schemas/observed/observed.h"

/* An empty store, or one without this migration, is a history with base "none". */
MUST_CHECK bool history_read(struct gitstore *store, const char *migration,
                             struct observed_history *out, struct error *err);
