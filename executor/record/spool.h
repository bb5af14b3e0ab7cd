/* Spools of runs whose last entries could not be pushed, and their way back into the record. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "executor/record/journal.h"
#include "schemas/base/error.h"
#include "schemas/base/language.h"
#include "schemas/journal/spool.h"

/* What this process recorded and could not commit; false when that is nothing, or when the lock was
 * lost, so that nobody will ever take it. */
bool journal_spool(const struct journal *journal, struct spool *out);

/* How much of it the record lacks, as of the tip that the store knows: 0 when it is merged. It can
 * be merged only where it continues the chain of the newest run, under the lock it was written
 * under: ERROR_BLOCKED (of another migration, run or chain), ERROR_STALE (older than what is
 * there), ERROR_LOCK_LOST (the lock was taken over or broken since). */
MUST_CHECK bool spool_lacking(const struct journal_reading *reading, const struct spool *spool,
                              size_t *count, struct error *err);
/* Merges it in one commit by compare-and-swap, which releases the lock; `who` is named by the
 * commit. *count entries were new: 0 when all was there already. The run is verified as by
 * journal_trust before, and as it would be with the spool: ERROR_BLOCKED when either does not hold,
 * and nothing is committed. */
MUST_CHECK bool spool_merge(const struct journal_reading *reading, const struct spool *spool,
                            const char *who, size_t *count, struct error *err);
/* Is all of it in the journal of this machine, from which journal_resume commits it? */
MUST_CHECK bool spool_is_kept(struct gitstore *store, const struct spool *spool, bool *kept,
                              struct error *err);
