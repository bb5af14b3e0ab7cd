/* What the journal tells the planner. */
#pragma once

#include "executor/record/journal.h"
#include "schemas/json/pairs.h"
#include "schemas/observed/observed.h"

/* An empty store, or one without this migration, is a history with base "none". */
MUST_CHECK bool history_read(const struct journal_reading *reading, struct observed_history *out,
                             struct error *err);
/* A drill's marker that stands on the node is shown as the value before it, which the next process
 * of the run gives back: nobody changed the source. */
void history_hide_markers(const struct observed_history *history, struct observed_node *node);
/* journal_state.markers (or NULL) as "HOST:PORT name" -> value before. */
void history_read_markers(const struct json *markers, struct pairs *out);
