/* How far a full comparison is, in a file of this machine, so that one that was stopped resumes. A
 * cursor of SCAN is valid only for the process that gave it, and what was found equal was equal on
 * these two servers: the checkpoint is bound to both processes and to their replication history. */
#pragma once

#include "executor/verify/queue.h"
#include "executor/verify/scan.h"

#define CHECKPOINT_AGE_MS (INT64_C(24) * 3600 * 1000) /* an older one is not used */

struct checkpoint {
    const char *path; /* NULL: nothing is saved */
    bool detached;
    char *run_id, *target_run_id, *replid;
    int64_t started_at_ms;
    int64_t saved_mono_ms;
    struct verify_databases done; /* those that are finished; only the number counts */
    int64_t database;             /* the one at hand; -1: none */
    char cursor[sizeof((struct scan *)NULL)->cursor];
    bool swept; /* all of the source's keys were scanned there: the cursor is of the target */
    struct verify_keys waiting; /* not decided when it was saved */
};
void checkpoint_clear(struct checkpoint *checkpoint);
AUTO_VALUE(struct checkpoint, checkpoint_clear)

/* May a checkpoint be saved there, and removed at the end? The file does not exist yet, in a folder
 * that can be written to, or it is a checkpoint. */
MUST_CHECK bool checkpoint_check(const char *path, struct error *err);
/* Reads what was saved of the same servers and restores the counts; else begins at the start. */
void checkpoint_begin(struct checkpoint *checkpoint, const struct snapshot *source,
                      const struct snapshot *target, struct verify_result *result);
void checkpoint_enter(struct checkpoint *checkpoint, int64_t database); /* at its start */
void checkpoint_turn(struct checkpoint *checkpoint); /* from the source's keys to the target's */
void checkpoint_finish(struct checkpoint *checkpoint, int64_t database);
bool checkpoint_is_done(const struct checkpoint *checkpoint, int64_t database);
bool checkpoint_is_due(const struct checkpoint *checkpoint);
/* Does nothing without a path; `queue` may be NULL. A full disk is not a reason to stop. */
void checkpoint_save(struct checkpoint *checkpoint, const struct verify_result *result,
                     const struct queue *queue);

/* Key names are bytes: they are written as hexadecimal digits. */
struct json *verify_keys_write(const struct verify_keys *keys);
void verify_keys_read(const struct json *list, struct verify_keys *out);
