/* What the target skips. A replica that cannot apply a command of its primary, or a transaction,
 * continues with the next: its link stays up and its offset is right, its data is not. INFO stats
 * counts that as unexpected_error_replies (from 6.0 on). Watched on every node that the target is
 * asked at, from before StartMigration until the last comparison. */
#pragma once

#include <stdbool.h>

#include "executor/site/site.h"
#include "schemas/json/json.h"

/* The first reading of a run, for the record: "target_errors" of an intent or outcome, where
 * another process of the run finds it again. Nothing where the target does not answer. */
void skipped_record(struct site *site, struct json *record);
/* Nothing was skipped since the first reading of this run. ERROR_FAILED names node, growth and
 * commands. A node that restarted counts anew when its source has made a full copy since; where
 * not, its data is from before and what it had skipped is not known: that fails as well. */
MUST_CHECK bool skipped_nothing(struct site *site, const char *step, struct error *err);
