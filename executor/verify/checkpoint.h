/* Where a full comparison stands, in a file of this machine, so that one that was stopped goes on.
 * A cursor of SCAN means something to the process only that gave it, and what was found equal was
 * equal on these two: the place is bound to both processes and to their replication history. */
#pragma once

#include "executor/verify/queue.h"
#include "executor/verify/scan.h"

#define PLACE_AGE_MS (INT64_C(24) * 3600 * 1000) /* an older one is begun anew */

struct place {
    const char *path; /* NULL: nothing is kept */
    bool detached;
    char *run_id, *target_run_id, *replid;
    int64_t started_at_ms;
    int64_t kept_mono_ms;
    struct verify_databases done; /* those that are finished; only the number counts */
    int64_t database;             /* the one at hand; -1: none */
    char cursor[sizeof((struct scan *)NULL)->cursor];
    bool swept; /* all of the source's keys were scanned there: the cursor is of the target */
    struct verify_keys waiting; /* not decided when it was kept */
};
void place_clear(struct place *place);
AUTO_VALUE(struct place, place_clear)

/* Whether a place may be kept there, and taken away in the end: a file that is none yet, in a
 * folder that can be written to, or a place. */
MUST_CHECK bool place_check(const char *path, struct error *err);
/* Finds what was kept of the same servers and puts the counts back; else a place at the start. */
void place_begin(struct place *place, const struct look *source, const struct look *target,
                 struct verify_result *result);
void place_enter(struct place *place, int64_t database); /* at its start */
void place_turn(struct place *place); /* from the source's keys to the target's */
void place_finish(struct place *place, int64_t database);
bool place_is_done(const struct place *place, int64_t database);
bool place_is_due(const struct place *place);
/* Nothing without a path; `queue` may be NULL. A disk that is full is no reason to stop. */
void place_keep(struct place *place, const struct verify_result *result, const struct queue *queue);

/* Key names are bytes: they are written as hexadecimal digits. */
struct json *verify_keys_write(const struct verify_keys *keys);
void verify_keys_read(const struct json *list, struct verify_keys *out);
