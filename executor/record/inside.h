/* Inside of the journal: what its files share. */
#pragma once

#include "executor/record/journal.h"
#include "executor/record/tally.h"
#include "schemas/json/pairs.h"

/* What only one process of this machine can hold: flock on a file in the private folder. The
 * kernel lets go of it when the process dies. */
struct machine_lock {
    int fd; /* -1: not held */
    struct lock_machine identity;
};
/* With ERROR_LOCKED *other is what the one who has it gave as its holder, or NULL. */
MUST_CHECK bool machine_lock_open(const char *path, const char *holder, struct machine_lock *out,
                                  char **other, struct error *err);
void machine_lock_close(struct machine_lock *lock);
/* The same file of the same boot on a local file system: the process that wrote that lock is dead
 * once we hold ours. */
bool machine_lock_same(const struct machine_lock *ours, const struct lock_machine *theirs);
/* Whether the process that wrote that lock is dead, without taking the file: for those who only
 * look. */
bool machine_lock_left(const char *path, const struct lock_machine *theirs);

/* Entries that are durable here and not committed yet, one canonical document a line. */
struct local_journal {
    int fd; /* -1: not open */
    char *path;
};
MUST_CHECK bool local_journal_open(const char *path, struct local_journal *out, struct error *err);
/* Up to the first line that is torn or does not parse. */
MUST_CHECK bool local_journal_read(const struct local_journal *local, struct journal_entries *out,
                                   struct error *err);
/* Durable only after local_journal_sync. */
MUST_CHECK bool local_journal_append(struct local_journal *local, const char *line,
                                     struct error *err);
MUST_CHECK bool local_journal_sync(struct local_journal *local, struct error *err);
void local_journal_drop_last(struct local_journal *local, const char *line);
void local_journal_empty(struct local_journal *local);
/* Renames what is there, so that it is kept and not replayed. */
MUST_CHECK bool local_journal_set_aside(struct local_journal *local, struct error *err);
void local_journal_close(struct local_journal *local);

/* Paths inside the repository; the caller frees. */
char *migration_path(const char *migration, const char *format, ...) PRINTF_LIKE(2, 3);
const char *digest_digits(const char *digest); /* without "sha256:" */

/* The message of a commit after which the run's state is `state`; the caller frees. */
char *journal_message(const char *migration, const char *run, const struct journal_state *state,
                      const char *subject);

struct pending_file {
    char *path, *bytes;
    size_t length;
};

struct journal {
    struct gitstore *store;
    char *migration, *holder, *run;
    struct machine_lock machine;
    struct local_journal local;
    struct lock_record lock;      /* ours; nonce is NULL before begin or resume */
    struct lock_record abandoned; /* another's, which expired and stood still; or NULL in it */
    struct strings runs;          /* there were when we opened, each with its count of entries */
    struct journal_state state;
    struct pairs
        bound; /* files that the next entry names: path in the migration's folder, sha256 */
    struct {
        struct pending_file *items;
        size_t count;
    } pending;
    char tip[DIGEST_HEX_BYTES]; /* at which the lock was last seen to be ours */
    int64_t confirmed_boot_ms;
    bool lock_lost, finished;
    struct journal_patience patience;
    bool patient;
    const struct signing_key *signer;   /* NULL: entries are not signed */
    const struct approval_policy *keys; /* of the migration file, or NULL */
    char *record;                       /* its first commit; NULL until a signature names it */
    int64_t signed_seq;                 /* the last entry that a signature of ours covers */
    int64_t away_since_mono_ms;    /* of the first commit in a row that failed; 0 when none did */
    int64_t renewal_tried_mono_ms; /* without success */
    int64_t took_over_epoch; /* of the holder before, when it was a process of this machine that
                                died; or 0 */
};

/* Holds the machine's lock and has seen the repository's free. ERROR_LOCKED, ERROR_INTERRUPTED. */
MUST_CHECK bool journal_wait_free(struct journal *journal, const struct journal_patience *patience,
                                  struct error *err);
/* Is the lock of the repository free for us? ERROR_LOCKED. */
MUST_CHECK bool journal_check_free(struct journal *journal, struct error *err);
/* Prepares lock.json of a new holder. */
MUST_CHECK bool journal_prepare_lock(struct journal *journal, struct error *err);
/* ERROR_LOCK_LOST unless lock.json at the store's tip is ours. */
MUST_CHECK bool journal_check_ours(struct journal *journal, struct error *err);
void journal_pend(struct journal *journal, char *path, const void *bytes, size_t length);
void journal_forget_pending(struct journal *journal);
void journal_pend_shape(struct journal *journal, char *path, const struct shape *shape,
                        const void *object);

/* Binds a file, given by its path in the repository, to the next entry. */
void journal_bind(struct journal *journal, const char *path, const void *bytes, size_t length);
/* `data` with the hashes of the files bound since the last entry; the caller frees. */
struct json *journal_name_files(struct journal *journal, const struct json *data);
/* Adds a finding for each file that is not the one that the entries name. */
MUST_CHECK bool journal_check_files(struct gitstore *store, const char *migration,
                                    const struct journal_entries *entries,
                                    struct findings *findings, struct error *err);

struct signed_check {
    struct gitstore *store;
    const char *migration, *run;
    const struct approval_policy *keys; /* of the migration file; may be NULL */
    bool newest;                        /* of the runs: what is open continues */
    bool all; /* every signature and approval; else only what covers the last entry */
    struct findings *findings;
    struct strings *proven; /* sentences; NULL: not wanted */
};
/* Adds a finding for what the policy of the run's plan wants signed, and is not. */
MUST_CHECK bool journal_check_signed(const struct signed_check *check,
                                     const struct journal_run_files *files, struct error *err);

struct approval_file {
    char *path;
    struct approval approval;
    struct json *document; /* as it stands there: a signature covers all of it */
};
struct approval_files {
    struct approval_file *items; /* oldest first */
    size_t count;
};
/* A file that is not an approval of this plan does not count, and stops nobody: anybody with push
 * rights can put it there. With `strict` it is an error. */
MUST_CHECK bool approval_files_read(const struct approval_place *place, bool strict,
                                    struct approval_files *out, struct error *err);
void approval_files_clear(struct approval_files *files);
AUTO_VALUE(struct approval_files, approval_files_clear)

enum commit_kind {
    COMMIT_TAKES_LOCK,
    COMMIT_RENEWS_LOCK,
    COMMIT_RELEASES_LOCK,
    COMMIT_SETTLES, /* takes the lock and leaves it free in one */
};
/* Everything pending in one commit by compare-and-swap. A commit that takes the lock is not tried
 * again: the caller looks at the new tip first. */
MUST_CHECK bool journal_commit_pending(struct journal *journal, enum commit_kind kind,
                                       const char *subject, struct error *err);
/* Pends a signature of the last entry, unless there is one. */
MUST_CHECK bool journal_sign_head(struct journal *journal, struct error *err);
/* The document that signs an entry; *path is where it belongs. The caller frees both. */
struct signed_entry {
    const char *migration, *record, *run;
    int64_t seq;
    const char *hash;
};
MUST_CHECK bool journal_entry_signature(const struct signing_key *signer,
                                        const struct signed_entry *entry, char **path,
                                        char **document, struct error *err);
/* The same, of what has happened already: see journal_commit_outcome. */
MUST_CHECK bool journal_insist(struct journal *journal, enum commit_kind kind, const char *subject,
                               struct error *err);
/* What a commit would have made durable is kept here instead; always false. */
bool journal_keep_uncommitted(struct journal *journal, struct error *err);
MUST_CHECK bool journal_may_write(const struct journal *journal, struct error *err);
