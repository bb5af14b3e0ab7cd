/* Spools on this machine: beside the migration file, where a CI job's artifacts are found, or in
 * the private folder where that cannot be written. */
#pragma once

#include "cmd/migration/session.h"
#include "cmd/migration/state.h"
#include "executor/executor.h"
#include "executor/record/spool.h"

/* A repository that came back after we had stopped waiting for it takes what it lacks: then nothing
 * is left but a run that stopped. */
void spools_late(struct journal *journal, struct executor_outcome *outcome);
/* The last commit of a run failed, for that reason: the outcome says so, and what happened and
 * could not be pushed is printed on stderr and kept as a file. Nothing is kept where nothing
 * happened: the lock runs out, and all is as recorded. */
void spools_end(const struct call *call, const struct session *session,
                const struct journal *journal, struct events *events,
                struct executor_outcome *outcome, const struct error *why);
/* ERROR_BLOCKED while a spool is here that the record lacks and nothing else on this machine holds.
 * One that is merged is removed, one that can never be merged is named and left alone. */
MUST_CHECK bool spools_check(const struct call *call, const struct session *session,
                             struct error *err);

/* Those on this machine that hold what the record lacks. *kept: of all of them this machine has the
 * journal as well, so that apply merges them by itself. Changes nothing. */
void spools_waiting(const struct state *state, struct strings *out, bool *kept);

/* The end of ecmig recover --spool. */
enum exit_class spools_merge(const struct call *call, const char *spool, struct error *err);
