/* The run of a migration that is under way, for commands that look at it or add to its record and
 * leave it as they found it. The calling sequence is find, take, leave, close. */
#pragma once

#include <stdbool.h>

#include "cmd/migration/session.h"
#include "cmd/migration/signing.h"
#include "executor/site/site.h"

struct open_run {
    const struct call *call;
    struct session session;
    struct stop *stop;
    struct journal *journal;
    char *actor;
    struct journal_run_files files; /* as the run was found; record.run is NULL when none is open */
    struct plan plan;               /* of the run */
    struct signing signing;
    struct events events;
    struct site site; /* usable after take */
};

/* Keeps the other processes of this machine out, and reads. The migration file must be as it was
 * when the run began: ERROR_STALE. */
MUST_CHECK bool open_run_find(const struct call *call, struct open_run *out, struct error *err);
/* Takes the migration's lock, as apply does. */
MUST_CHECK bool open_run_take(struct open_run *run, struct error *err);
/* The run stands as it stood; the lock is free. */
MUST_CHECK bool open_run_leave(struct open_run *run, struct error *err);
void open_run_close(struct open_run *run);
AUTO_VALUE(struct open_run, open_run_close)
