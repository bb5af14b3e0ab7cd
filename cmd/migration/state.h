/* The state repository that a command line names: by a migration file, or by --state and a name. */
#pragma once

#include <stdbool.h>

#include "cmd/frame/command.h"
#include "executor/record/approval_policy.h"
#include "executor/record/journal.h"
#include "schemas/base/language.h"
#include "schemas/config/config.h"

struct state {
    struct gitstore *store;
    struct approval_policy
        keys;        /* whose approvals count, as the migration file says now; none without one */
    char *migration; /* NULL when none was named */
    char *file;      /* the migration file, when it was one */
    char *words;     /* as state_words() has it */
    char *subject;   /* the same of what was named, of a NAME, too: for log, show and lock */
};
/* `subject` is a file, a migration's name, or NULL; a name needs --state. ERROR_USAGE, ERROR_CONFIG
 * and those of gitstore_open. */
MUST_CHECK bool state_open(const struct call *call, const char *subject, struct state *out,
                           struct error *err);
/* The same for a file that was read already; `folder` is the one it is in. */
MUST_CHECK bool state_open_config(const struct call *call, const struct config *config,
                                  const char *folder, struct state *out, struct error *err);
void state_close(struct state *state);
AUTO_VALUE(struct state, state_close)

/* For what reads the record of a migration, and believes only what these keys allow. */
struct journal_reading state_reading(const struct state *state, const char *migration);
/* What the next command is given for this one's FILE, as a shell takes it, and --state where this
 * one was given that; "FILE" for NULL. The caller frees. */
char *state_words(const struct call *call, const char *file);
/* ERROR_NOT_FOUND unless the state knows the migration. */
MUST_CHECK bool state_knows(const struct state *state, struct error *err);

/* A run as one line of words: "finished: ok", "stopped: gate", "waits at gate cutover" … */
void state_run_words(const struct run_summary *run, bool locked, struct text *out);
/* "held by ann@build7 for run R, since 3 min, expires in 12 min" */
void state_lock_words(const struct lock_record *lock, struct text *out);
struct json *state_lock_json(const struct lock_record *lock); /* without its nonce */
/* Reads the lock; false (and *lock untouched) when it is free or cannot be read. */
/* Whether it is locked. A lock that cannot be read is not a free one: *broken says what is wrong
 * with it, NULL otherwise; the caller frees. */
bool state_lock(const struct state *state, const char *migration, struct lock_record *lock,
                char **broken);
/* A process may be running under this lock: it has not expired, and its holder did not die here. */
bool state_works(const struct state *state, const char *migration, const struct lock_record *lock);
