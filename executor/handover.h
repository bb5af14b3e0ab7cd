/* What a run's record says of the endpoint that it hands out, and of whether the applications are
 * ready for it, for people. */
#pragma once

#include "schemas/base/text.h"
#include "schemas/journal/journal.h"
#include "schemas/json/json.h"

/* "NAME, proved at TIME; it was OLD", or "NAME, not proven yet". Nothing when none is recorded. */
void handover_add_endpoint(const struct journal_state *state, struct text *words);
/* "yes, asked at TIME" or "no, asked at TIME: why". Nothing when no ready hook was asked. */
void handover_add_ready(const struct journal_state *state, struct text *words);
/* Both as they stand in the record; members that are not there are left out. */
void handover_put(const struct journal_state *state, struct json *document);
