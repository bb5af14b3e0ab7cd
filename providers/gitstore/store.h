/* Inside of the gitstore: what its files share. */
#pragma once

#include <git2.h>

#include "providers/gitstore/gitstore.h"
#include "schemas/base/memory.h"

#define GITSTORE_READ_CEILING_BYTES ((size_t)64 << 20)

/* What gitstore_log walked last. */
struct store_log {
    git_oid tip;   /* from which it was walked */
    char *folder;  /* NULL: all */
    bool is_whole; /* down to the first commit */
    size_t bytes;  /* of messages */
    struct {
        struct gitstore_log_entry *items; /* newest first */
        size_t count;
    } commits;
};
void store_log_forget(struct store_log *log);

struct gitstore {
    char *url;           /* of a remote; NULL when the repository itself is at path */
    char *path;          /* of the repository, or of the private clone of url */
    char *branch;        /* as in the configuration */
    char *reference;     /* refs/heads/<branch> */
    git_repository *git; /* NULL while there is no repository */
    git_oid tip;         /* zero while the branch does not exist */
    char tip_hex[GIT_OID_HEXSZ + 1];
    bool hurried;
    struct gitstore_token origin; /* of the token; ask is NULL without one */
    struct secret *token;         /* the last one; NULL until it is needed */
    git_repository *memory; /* the same repository, new objects kept in memory; NULL until needed */
    git_odb_backend *memory_objects; /* belongs to it */
    struct store_log log;
    bool previews;
    git_oid before_preview; /* the tip */
};

/* Releases libgit2's objects on scope exit. */
#define GIT_OWNED(type)                                                                            \
    static inline void git_##type##_free_at(git_##type **object) {                                 \
        git_##type##_free(*object);                                                                \
    }
GIT_OWNED(reference)
GIT_OWNED(commit)
GIT_OWNED(tree)
GIT_OWNED(tree_entry)
GIT_OWNED(blob)
GIT_OWNED(signature)
GIT_OWNED(index)
GIT_OWNED(odb)

/* "what: libgit2's words", ERROR_IO. */
bool store_failed(struct error *err, const char *format, ...) PRINTF_LIKE(2, 3);
bool store_is_empty(const struct gitstore *store);
void store_set_tip(struct gitstore *store, const git_oid *tip);
/* Where a repository is, from what the configuration calls it. ERROR_CONFIG. */
MUST_CHECK bool store_locate(struct gitstore *store, const char *repository, struct error *err);
/* Moves the branch of the repository at path; an all-zero `from` means that it must not exist yet.
 * ERROR_CONFLICT. */
MUST_CHECK bool store_move_branch(struct gitstore *store, const git_oid *from, const git_oid *to,
                                  const char *message, struct error *err);
void store_remove_lock_files(struct gitstore *store); /* those that a process left which died */

/* A remote: the private clone, made when there is none; what the remote has now (ERROR_STALE when
 * it does not continue what is known here); a commit that is stored in the clone, on top of the
 * tip. */
MUST_CHECK bool store_clone(struct gitstore *store, struct error *err);
MUST_CHECK bool store_refresh_remote(struct gitstore *store, struct error *err);
MUST_CHECK bool store_commit_remote(struct gitstore *store, const git_oid *commit,
                                    struct error *err);

/* Opens what is at path; git stays NULL where nothing is yet. A repository of another user, one
 * that may not be read and a folder with other files are errors. */
MUST_CHECK bool store_open(struct gitstore *store, struct error *err);
int store_hold_folder(const char *path, bool alone); /* -1: not held */
void store_release_folder(int held);
MUST_CHECK bool store_create(struct gitstore *store, struct error *err); /* present is fine */
/* Lookups that ask for the size first: a small pack may hold a huge object. libgit2's codes. */
bool store_object_fits(git_repository *git, const git_oid *id);
int store_commit(git_commit **out, git_repository *git, const git_oid *id);
int store_tree(git_tree **out, git_repository *git, const git_oid *id);
/* git_tree_entry_bypath, except that only a name which is not there is GIT_ENOTFOUND: a folder
 * whose object the repository lacks is GIT_ERROR. */
int store_entry(git_tree_entry **out, git_tree *tree, const char *path);
MUST_CHECK bool store_tip_tree(struct gitstore *store, git_tree **out, struct error *err);

/* Serializes the commits of this machine and tells the next one that a process died in the middle,
 * whose lock files are then to be removed. Correctness rests on the compare-and-swap alone, so that
 * a stopped process which holds the turn delays others for a moment only. */
struct store_turn {
    int fd;        /* -1: not held */
    bool orphaned; /* the last one died in its turn */
    bool behind;   /* it left the work tree behind the tip */
};
MUST_CHECK bool store_turn_take(struct gitstore *store, struct store_turn *out, struct error *err);
void store_turn_close(struct store_turn *turn);
AUTO_VALUE(struct store_turn, store_turn_close)

/* Objects written to store->memory stay in memory until store_memory_write makes those of one
 * commit durable, as one pack; store_memory_forget ends it, written or not. */
MUST_CHECK bool store_memory_open(struct gitstore *store, struct error *err);
MUST_CHECK bool store_memory_write(struct gitstore *store, const git_oid *commit,
                                   const struct gitstore_change *changes, size_t count,
                                   struct error *err);
void store_memory_forget(struct gitstore *store);
void store_memory_close(struct gitstore *store);

/* Brings the courtesy work tree and the index to the tip: the changed paths, or everything. What
 * fails is left for the next time. */
void store_show_changes(struct gitstore *store, const struct gitstore_change *changes,
                        size_t count);
void store_show_all(struct gitstore *store);
