/* The record of a migration in the state repository: lock, runs, journal, approvals.
 *
 *   migrations/<migration>/lock.json
 *                          plans/<digest>.json      approvals/<digest>/<n>.json
 *                          runs/<run>/run.json  config.yaml  journal/NNNNNN-type.json
 *                                     evidence/…  verify.json  result.json
 *
 * Writing: journal_open takes what only one process of this machine can hold; journal_begin or
 * journal_resume then take the lock of the repository, in the same commit as their first entry.
 * journal_add makes an entry durable on this machine; journal_commit puts all entries added since
 * into one commit by compare-and-swap and thereby confirms the lock. Entries that a crash left
 * uncommitted are found and committed by journal_resume, before anything else.
 *
 * Errors everywhere: ERROR_LOCKED (somebody else holds it), ERROR_LOCK_LOST (we held the lock and
 * lost it: no further effect, from then on every call fails so), ERROR_IO, ERROR_CONFLICT (the
 * branch moved again and again), ERROR_FORMAT (the state does not verify). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "executor/stop.h"
#include "providers/gitstore/gitstore.h"
#include "schemas/base/error.h"
#include "schemas/base/language.h"
#include "schemas/journal/journal.h"
#include "schemas/journal/records.h"

#define JOURNAL_LOCK_MS (15 * 60 * 1000)
#define JOURNAL_STANDSTILL_MS (6 * 60 * 1000) /* longer than the time between two renewals */
#define JOURNAL_FRESH_MS (30 * 1000) /* an effect is sent only this long after a confirmation */
#define JOURNAL_RENEW_MS (5 * 60 * 1000)
#define JOURNAL_AWAY_MS (5 * 60 * 1000) /* how long an unreachable repository is waited for */

/* ---- writing ---- */

struct journal;

/* What may be waited for: a lock that somebody else has, and a repository that is unreachable when
 * something that happened is to be recorded. */
struct journal_patience {
    int64_t wait_ms; /* for a lock. Negative: none for a live one, as long as it takes for an
                        expired one */
    struct stop *stop;
    void (*say)(void *context, const char *words); /* what is waited for, when that changes */
    void *context;
};
/* Excludes the other processes of this machine and looks at lock.json. ERROR_LOCKED names holder,
 * age and expiry. A lock left by a process of this machine that died is free at once. One that
 * expired is free when it was watched for JOURNAL_STANDSTILL_MS of our own monotonic clock without
 * being renewed: clocks of machines may disagree. `patience` says how long that may take; NULL
 * waits for nothing, here and later. Writes nothing; observe and plan under it, then begin or
 * resume. The store and what `patience` names must outlive the journal, and the store follow the
 * branch as of this call. `holder` is for people, as "ann@build7". */
MUST_CHECK bool journal_open(struct gitstore *store, const char *migration, const char *holder,
                             const struct journal_patience *patience, struct journal **out,
                             struct error *err);
/* From then on every commit of entries carries a signature of the last one, which covers those
 * before it by its chain. Before begin or resume; a signer without a key signs nothing. */
struct signing_key;
struct approval_policy;
void journal_sign(struct journal *journal, const struct signing_key *signer);
/* Whose keys count (struct journal_reading), for journal_resume; must outlive the journal. */
void journal_heed(struct journal *journal, const struct approval_policy *keys);
/* Lets go without a word: after begin or resume lock.json stays, as after a crash. */
void journal_close(struct journal *journal);
AUTO_POINTER(struct journal, journal_close)

struct journal_beginning {
    const struct run_record *record; /* record->run names the run (run_id_new) */
    const void *config_yaml;
    size_t config_length;
    const void *plan; /* the plan document */
    size_t plan_length;
    const char *digest; /* of the plan, hexadecimal, with or without "sha256:" */
};
/* A new run: lock, plan, run.json, config.yaml and the first entry in one commit. ERROR_STALE when
 * a run began or resumed since journal_open. A run that is open is given up by it: from then on
 * only the new one is resumed. */
MUST_CHECK bool journal_begin(struct journal *journal, const struct journal_beginning *beginning,
                              struct error *err);
/* Resumes an open run: verifies and replays the chain, commits what a crash left on this
 * machine, takes the lock and appends run_started (state: resumed). `actor` says who; may be NULL.
 * ERROR_NOT_FOUND, ERROR_REFUSED (finished, or a run came after it: an abort gave it up). */
MUST_CHECK bool journal_resume(struct journal *journal, const char *run, const char *actor,
                               struct error *err);

/* What has been written so far, entries not yet committed included. */
const struct journal_state *journal_state(const struct journal *journal);
/* The epoch of the holder before, when that was a process of this machine that died: every entry
 * that it added is known here, also those that it never committed. 0 when it was not. */
int64_t journal_took_over_epoch(const struct journal *journal);
const char *journal_run(const struct journal *journal); /* NULL before begin or resume */
int64_t journal_epoch(const struct journal *journal);

/* What an entry states. */
struct journal_fact {
    enum journal_type type;
    const char *step;        /* its key; NULL: of the run */
    int64_t attempt;         /* at the step; 0: of no attempt */
    const struct json *data; /* shared; may be NULL */
};

/* Appends an entry: chained, and fsynced on this machine when it returns. It is not seen by others
 * before journal_commit. */
MUST_CHECK bool journal_add(struct journal *journal, const struct journal_fact *fact,
                            struct error *err);
/* A file of the run for the next commit, as "evidence/S05-before.json" or "verify.json"; its sha256
 * goes to `hash` unless that is NULL, and into the next entry. Only in memory until then: what must
 * survive a crash belongs into an entry's data. */
MUST_CHECK bool journal_attach(struct journal *journal, const char *name, const void *bytes,
                               size_t length, char hash[DIGEST_HEX_BYTES], struct error *err);
/* Names a file of the repository, such as an approval, by its hash in the next entry. */
MUST_CHECK bool journal_rely(struct journal *journal, const char *path, struct error *err);
/* One commit of everything added and attached, renewing the lock. The subject becomes
 * "ecmig(orders): <subject>". On failure the entries stay on this machine for the next commit. */
MUST_CHECK bool journal_commit(struct journal *journal, const char *subject, struct error *err);
/* journal_add and journal_commit. */
MUST_CHECK bool journal_record(struct journal *journal, const char *subject,
                               const struct journal_fact *fact, struct error *err);

/* As journal_commit and journal_record, of what has happened already: an unreachable repository is
 * waited for, up to JOURNAL_AWAY_MS after it was last there or until stopping is wanted (inside the
 * cutover: insisted on). Then ERROR_NOT_RECORDED, or ERROR_ABORTED when that was insisted on;
 * ERROR_LOCK_LOST at once. What is left is for journal_spool. */
MUST_CHECK bool journal_commit_outcome(struct journal *journal, const char *subject,
                                       struct error *err);
MUST_CHECK bool journal_record_outcome(struct journal *journal, const char *subject,
                                       const struct journal_fact *fact, struct error *err);
/* Confirms the lock by compare-and-swap, with the patience of journal_commit_outcome. */
MUST_CHECK bool journal_insist_lock(struct journal *journal, struct error *err);
/* For a loop that must not stand still: confirms the lock every JOURNAL_RENEW_MS. An unreachable
 * repository is tried again every half a minute, and fails this with ERROR_NOT_RECORDED only after
 * JOURNAL_AWAY_MS. */
MUST_CHECK bool journal_renew_lock(struct journal *journal, struct error *err);

/* Confirms by compare-and-swap that the lock is ours, unless that was done in the last
 * `oldest_ms` of CLOCK_BOOTTIME (JOURNAL_FRESH_MS before an effect, 0 for always). */
MUST_CHECK bool journal_confirm_lock(struct journal *journal, int64_t oldest_ms, struct error *err);

/* The last commit of this process: the last entry, result.json, lock.json removed. A resumable
 * result (gate, interrupt, failed step, rolled back) writes a checkpoint (state: stopped) and
 * leaves the run open; any other writes run_finished. digest, run and head of the result are filled
 * in. A result that changed something has the patience of journal_commit_outcome. Only
 * journal_spool and journal_close may follow. */
MUST_CHECK bool journal_finish(struct journal *journal, struct run_result *result,
                               struct error *err);

/* ---- reading: no lock, nothing written; all as of the tip the store knows ---- */

struct journal_run_files {
    struct run_record record;
    struct journal_entries entries; /* verified */
    struct journal_state state;
    struct run_result result; /* class is NULL while there is none */
};
void journal_run_files_clear(struct journal_run_files *run);
AUTO_VALUE(struct journal_run_files, journal_run_files_clear)

MUST_CHECK bool journal_read_run(struct gitstore *store, const char *migration, const char *run,
                                 struct journal_run_files *out, struct error *err);
/* The runs of a migration, newest first; none is fine. */
MUST_CHECK bool journal_history(struct gitstore *store, const char *migration,
                                struct run_summaries *out, struct error *err);
/* The names of the runs of a migration, sorted. */
MUST_CHECK bool journal_runs(struct gitstore *store, const char *migration, struct strings *out,
                             struct error *err);
MUST_CHECK bool journal_migrations(struct gitstore *store, struct strings *out, struct error *err);
/* lock.json; ERROR_NOT_FOUND when free. */
MUST_CHECK bool journal_read_lock(struct gitstore *store, const char *migration,
                                  struct lock_record *out, struct error *err);
/* A stored plan document. ERROR_FORMAT when what is stored under that digest is another plan. */
MUST_CHECK bool journal_read_plan(struct gitstore *store, const char *migration, const char *digest,
                                  struct text *out, struct error *err);
/* Which record is read, and whose keys count now: those of `approvals` of the migration file, or
 * NULL where none is at hand. */
struct journal_reading {
    struct gitstore *store;
    const char *migration;
    const struct approval_policy *keys;
};

/* Everything recorded of a migration: chains verify, names agree with contents, every commit's
 * trailers agree with the entry they name, lock and plans are in order. Adds a finding for each
 * thing that does not hold; false only when it could not look. `proven` gets a sentence for each
 * run with signatures: by whom it was approved and written; may be NULL. */
MUST_CHECK bool journal_audit(const struct journal_reading *reading, struct findings *findings,
                              struct strings *proven, struct error *err);

/* The same of one run, for a command that is about to act on its record: its chain, the commits of
 * its entries, the files that the entries name, and whether it may stand for the migration
 * (succession.h). ERROR_BLOCKED with the first thing that does not hold. */
MUST_CHECK bool journal_trust(const struct journal_reading *reading, const char *run,
                              struct error *err);
/* Where no run is: there never was one. */
MUST_CHECK bool journal_trust_empty(const struct journal_reading *reading, struct error *err);

/* Whether the process that took this lock died on this machine: then apply resumes at once. */
bool journal_holder_died(struct gitstore *store, const char *migration,
                         const struct lock_record *lock);
/* Takes the lock away from its holder, when its nonce is the one given, and writes that into
 * the journal of its run under a higher epoch: the holder stops before its next effect. Tries again
 * when the branch moved. ERROR_NOT_FOUND (free), ERROR_REFUSED (another nonce, or the
 * holder died on this machine: apply takes it over without breaking anything). */
struct journal_breaking {
    const char *nonce, *who, *reason;
    const struct signing_key *signer;   /* of that entry; NULL or without a key: not signed */
    const struct approval_policy *keys; /* as of journal_reading */
};
MUST_CHECK bool journal_break_lock(struct gitstore *store, const char *migration,
                                   const struct journal_breaking *breaking, struct error *err);

/* Signs the last entry of an open run with another key, because the one that signed it no longer
 * counts. The record must verify with it; needs no lock. *seq is that entry. */
MUST_CHECK bool journal_vouch(const struct journal_reading *reading, const char *run,
                              const struct signing_key *signer, int64_t *seq, struct error *err);

/* ---- approvals: need no lock ---- */

/* Appends approvals/<digest>/<n>.json; tries again when the branch moved. `plan` is the document
 * with that digest, stored beside unless it is there already; NULL when it is known to be. */
MUST_CHECK bool approval_record(struct gitstore *store, const char *migration,
                                const struct approval *approval, const char *plan,
                                struct error *err);
/* ERROR_FORMAT names a file among them that is not an approval of this plan. */
MUST_CHECK bool approval_check(struct gitstore *store, const char *migration, const char *digest,
                               struct error *err);
