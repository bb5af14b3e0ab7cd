/* Where a migration stands, for `ecmig status`. */
#pragma once

#include <stdbool.h>

#include "cmd/migration/ballots.h"
#include "cmd/migration/live.h"
#include "executor/cutover/standing.h"
#include "executor/record/journal.h"
#include "schemas/base/language.h"
#include "schemas/base/strings.h"
#include "schemas/journal/records.h"
#include "schemas/plan/plan.h"

struct standing {
    const char *migration;
    const char *file;    /* what the next command takes for the migration file, or NULL */
    const char *subject; /* the same of what was named, for log */
    char *record;        /* the state repository */
    struct run_summaries runs;
    struct journal_run_files last; /* of the newest run */
    struct plan plan;              /* likewise; empty where it cannot be read */
    struct ballots ballots;
    struct lock_record lock;
    char *broken_lock;     /* why lock.json cannot be read, or NULL */
    char *untrusted;       /* why the record of the newest run does not verify, or NULL */
    char *remedy;          /* what to do about that, or NULL */
    char *note;            /* what the record does not prove of it, or NULL */
    bool locked, works;    /* its holder may be running */
    struct strings spools; /* that wait to be merged */
    bool kept;             /* apply merges them by itself */
    bool has_live;         /* a run is open, and the file says where to look */
    struct live live;
    struct strings open_nodes;   /* of the source of a run that ended: they let anybody in */
    char *username;              /* of source.username, or NULL */
    struct fence_standing fence; /* nobody was asked where there is none */
};
void standing_clear(struct standing *standing);
AUTO_VALUE(struct standing, standing_clear)
