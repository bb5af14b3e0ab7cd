/* A spool: what a run recorded and could not push, as text that survives the machine. It is printed
 * between two markers, so that it can be cut out of the log of a CI job; inside, one JSON document
 * a line:
 *
 *   BEGIN ECMIG SPOOL
 *   {"spool":{"migration":"orders","run":…,"epoch":3,"lock":…,"after_seq":6,"after":…,…}}
 *   {"attempt":1,"data":…,"seq":7,…}         the entries, as in the journal: they chain
 *   {"file":{"name":"result.json","text":…}} other files of the run, the small ones
 *   {"end":{"lines":3,"sha256":…}}           of the lines before, each with its newline
 *   END ECMIG SPOOL
 *
 * It carries no more than the journal does, and the lock only as a digest. Everything here is
 * pure. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "schemas/journal/journal.h"

#define SPOOL_BEGIN "BEGIN ECMIG SPOOL"
#define SPOOL_END "END ECMIG SPOOL"
#define SPOOL_FORMAT 1
#define SPOOL_FILE_CEILING_BYTES ((size_t)64 << 10) /* a larger file of the run is left out */
#define SPOOL_LOG_CEILING_BYTES ((size_t)64 << 20)  /* of the log that holds it */

struct spool_file {
    char *name; /* in the folder of the run, as "result.json" */
    char *text;
};

struct spool {
    int64_t format;
    char *migration, *run;
    int64_t epoch;     /* of the lock that the entries were written under */
    char *lock;        /* sha256 of its nonce */
    char *holder;      /* for people */
    int64_t after_seq; /* the last entry that is known to be in the repository */
    char *after;       /* its hash */
    char *written_at;
    struct journal_entries entries; /* at least one; they follow `after` and chain */
    struct {
        struct spool_file *items;
        size_t count;
    } files;
};
void spool_clear(struct spool *spool);
AUTO_VALUE(struct spool, spool_clear)

/* From marker to marker, with a newline at the end; the caller frees. */
char *spool_write(struct spool *spool);
/* The last spool in a text: lines around it, and what a log puts before each of its lines, do not
 * matter. ERROR_NOT_FOUND when there is none, ERROR_FORMAT when it is damaged or cut short. */
MUST_CHECK bool spool_parse(const void *bytes, size_t length, const char *name, struct spool *out,
                            struct error *err);
