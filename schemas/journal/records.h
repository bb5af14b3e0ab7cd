/* The documents beside the journal: run.json, result.json, lock.json, approvals, and the summary of
 * a run that planner and status read. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "schemas/base/digest.h"
#include "schemas/base/language.h"
#include "schemas/base/strings.h"
#include "schemas/json/shape.h"

struct run_config { /* where the migration file came from; NULL and TRI_UNSET outside git */
    char *commit;
    enum tri dirty;
};

struct run_record { /* run.json */
    char *run;      /* 20261122T101500Z-3f9c, see run_id_new */
    char *migration;
    char *mode; /* migrate | abort */
    char *plan; /* digest */
    char *actor, *host;
    char *caller;             /* ARN by which the service knew us when it was planned, or NULL */
    char *ci;                 /* address of the CI job, or NULL */
    char *version;            /* of ecmig */
    struct strings arguments; /* without secrets */
    struct run_config config;
    char *started_at;
};
extern const struct shape run_record_shape;
char *run_id_new(int64_t at_ms); /* the caller frees */
void run_record_clear(struct run_record *record);
AUTO_VALUE(struct run_record, run_record_clear)

struct run_result { /* result.json, and --result FILE */
    int64_t exit_code;
    char *class;
    bool retryable, resumable, changed;
    char *digest; /* of the plan, or NULL */
    char *run;    /* NULL when none began */
    char *head;   /* hash of the last entry: an anchor outside the repository */
};
extern const struct shape run_result_shape;
void run_result_clear(struct run_result *result);
AUTO_VALUE(struct run_result, run_result_clear)

struct lock_machine { /* tells a crashed holder on this machine from a live one */
    char *boot_id;
    int64_t device, inode; /* of the flocked file */
};

struct lock_record { /* lock.json */
    char *nonce;     /* 128 bit */
    int64_t epoch;
    char *run;
    char *holder;
    char *acquired_at, *expires_at;
    struct lock_machine machine;
};
extern const struct shape lock_record_shape;
void lock_record_clear(struct lock_record *lock);
AUTO_VALUE(struct lock_record, lock_record_clear)

struct approval { /* approvals/<digest>/<n>.json */
    char *digest;
    char *gate; /* NULL: the plan itself */
    char *who, *when, *how;
    char *reason; /* in the words of who approved, or NULL */
    /* Of one that is signed, else NULL: for which migration and record (its first commit), by whom
     * as allowed_signers names them, and the signature of all the rest. */
    char *migration, *record, *signer;
    char *signature;
};
extern const struct shape approval_shape;
void approval_clear(struct approval *approval);
AUTO_VALUE(struct approval, approval_clear)

struct entry_signature { /* runs/<run>/signatures/<seq>.json */
    char *migration, *record, *run;
    int64_t seq;
    char *hash; /* of that entry, whose chain covers all before it */
    char *signer, *signature;
};
extern const struct shape entry_signature_shape;
void entry_signature_clear(struct entry_signature *signature);
AUTO_VALUE(struct entry_signature, entry_signature_clear)

/* What signatures in the record are made for: the namespaces of allowed_signers. */
#define SIGNED_APPROVAL "ecmig-approval"
#define SIGNED_ENTRY "ecmig-entry"
/* The bytes that are signed: the document without its `signature`, as canonical JSON. Keys that a
 * newer version added are covered, too. The caller frees. */
char *signed_statement(const struct json *document);

struct run_summary {
    char *run, *mode, *plan, *started_at;
    bool open;         /* not finished and not given up: apply continues it */
    char *given_up_by; /* the run that took the place of this one, which never ended; or NULL */
    char *class;       /* how it finished, or last stopped; NULL while running or after a crash */
    char *step; /* the step it stands at: started and without outcome, or last touched; or NULL */
    char *gate; /* the gate it waits for, or NULL */
    char *cutover; /* the open mark of the critical section, as "sending", or NULL */
    int64_t epoch; /* the last */
    char *head;    /* hash of its last entry */
    char *base;    /* hash of its last entry that changed anything: what a plan is based on */
};
extern const struct shape run_summary_shape;

struct run_summaries {
    struct run_summary *items; /* newest first */
    size_t count;
};
void run_summaries_clear(struct run_summaries *list);
AUTO_VALUE(struct run_summaries, run_summaries_clear)
