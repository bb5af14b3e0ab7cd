/* The history of migrations and runs, for `ecmig log`. */
#pragma once

#include <stdbool.h>

#include "executor/record/journal.h"
#include "schemas/base/findings.h"
#include "schemas/base/language.h"
#include "schemas/base/strings.h"
#include "schemas/journal/records.h"

struct log_migration {
    char *name;
    struct run_summaries runs; /* none where its chains are broken */
    struct lock_record lock;
    bool locked, works; /* a process may be running under it */
    char *broken_lock;  /* why it cannot be read, or NULL */
};

struct log_pages {
    struct {
        struct log_migration *items;
        size_t count;
    } migrations;                   /* without `run` */
    bool is_one;                    /* a migration was named */
    const char *migration, *run;    /* of the one run that was named, or NULL */
    struct journal_run_files files; /* of it */
    bool is_broken;                 /* chains do not hold: only what was found is shown */
    bool is_verified;               /* --verify was given: */
    struct findings found;
    struct strings proven;
};
void log_pages_clear(struct log_pages *pages);
AUTO_VALUE(struct log_pages, log_pages_clear)
