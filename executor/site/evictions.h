/* The source's memory while the target copies and follows. What the migration takes was checked to
 * fit before it started; what clients write meanwhile may use up the rest. A source that evicts
 * then, says so in the record and the report of the run: nobody else would find the keys missing,
 * for the target lacks them as well. */
#pragma once

#include "executor/site/site.h"

/* "source_memory" of an intent or outcome: of each primary its run id and evicted_keys. */
void evictions_record(struct site *site, struct json *record);
/* Once a second at most: warns once of each primary that no longer has room for what the
 * migration still takes, and whenever one evicted since StartMigration, at most twice as often as
 * it doubles. Stops nothing: the room is the operator's to give. */
void evictions_watch(struct site *site, const char *step_id);
/* "1,234 keys on HOST:PORT" for each primary that evicted between the first record of the run and
 * the last. */
void evictions_of_run(const struct site *site, struct strings *out);
