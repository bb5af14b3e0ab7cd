/* The state repository: a branch of a git repository, written by compare-and-swap only.
 *
 * A path that does not exist yet is made an ordinary repository with a work tree on the first
 * commit; a folder that is not empty and no repository is refused (ERROR_IO). The work tree is a
 * courtesy copy, refreshed after each commit and never read. Objects and refs are fsynced.
 *
 * A URL (ssh, https, http, git, or user@host:path) is worked on through a private clone in
 * $XDG_STATE_HOME/ecmig or ~/.local/state/ecmig. Refreshing fetches and committing pushes, each in
 * a process of its own with a deadline of 20 s; both swap against what the remote has. Beside the
 * errors below: ERROR_UNREACHABLE, ERROR_DEADLINE, ERROR_CREDENTIALS, ERROR_REFUSED (in the
 * remote's words) and ERROR_STALE, when its branch does not continue from the last head known here.
 * file:// is the same as a path.
 *
 * Who we are: over ssh what the ssh program decides, which is run as git runs it
 * (GIT_SSH_COMMAND, ~/.ssh/config, known_hosts, agents) and never asks anything: an unknown host is
 * refused, and a key with a passphrase belongs into an agent. ECMIG_GIT_SSH_KEY names the one key
 * file. Over https the token in ECMIG_GIT_TOKEN, with the name in ECMIG_GIT_USERNAME, the URL, or
 * "git"; authorities beside the system's in the file of SSL_CERT_FILE. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "schemas/base/error.h"
#include "schemas/base/language.h"
#include "schemas/base/secret.h"
#include "schemas/base/strings.h"
#include "schemas/base/text.h"

struct gitstore;

/* Opens and reads the tip. A repository or branch that does not exist is an empty store. */
MUST_CHECK bool gitstore_open(const char *repository, const char *branch, struct gitstore **out,
                              struct error *err);
/* Where the token for https comes from, in place of ECMIG_GIT_TOKEN: asked for when it is first
 * needed, and again when the host refuses the last one, since a token may run out during a run. */
struct gitstore_token {
    bool (*ask)(void *context, struct secret **out, struct error *err);
    void (*release)(void *context); /* when the store is closed, or could not be opened */
    void *context;
};
MUST_CHECK bool gitstore_open_with(const char *repository, const char *branch,
                                   const struct gitstore_token *token, struct gitstore **out,
                                   struct error *err);
bool gitstore_is_url(const char *repository);
void gitstore_close(struct gitstore *store);
AUTO_POINTER(struct gitstore, gitstore_close)

MUST_CHECK bool gitstore_refresh(struct gitstore *store, struct error *err); /* follow the branch */
const char *gitstore_tip(const struct gitstore *store); /* 40 hex digits, "" while empty */
/* Where it is, for people and records: an absolute path, or the URL without what could be a
 * credential; with " branch NAME" behind unless that is main. The caller frees. */
char *gitstore_place(const struct gitstore *store);
bool gitstore_is_remote(const struct gitstore *store); /* a URL; file:// is a path */
/* The first commit of the branch, which every clone shares and no other record: 40 hex digits; NULL
 * while there is none. The caller frees. */
MUST_CHECK bool gitstore_root(struct gitstore *store, char **out, struct error *err);

/* git's user.signingkey, as this repository or user has it, where gpg.format is ssh; else NULL. The
 * caller frees. */
char *gitstore_signing_key(const struct gitstore *store);

/* Files as of the tip we know. ERROR_NOT_FOUND, ERROR_LIMIT (64 MiB). */
MUST_CHECK bool gitstore_read(struct gitstore *store, const char *path, struct text *out,
                              struct error *err);
/* Names in a folder, sorted; an absent folder is empty. */
MUST_CHECK bool gitstore_list(struct gitstore *store, const char *folder, struct strings *out,
                              struct error *err);

/* Every file below a folder, as of the tip we know. `regular` is false for a symbolic link, an
 * executable or a submodule: ecmig writes none of them. */
MUST_CHECK bool gitstore_walk(struct gitstore *store, const char *folder,
                              void (*visit)(void *context, const char *path, bool regular),
                              void *context, struct error *err);

struct gitstore_change {
    const char *path;
    const void *bytes; /* NULL removes */
    size_t length;
};
/* One commit on top of the tip we know. ERROR_CONFLICT when the branch is elsewhere by now (nothing
 * is written; gitstore_refresh, decide, try again); ERROR_IO (disk full …) leaves the branch as it
 * was. */
MUST_CHECK bool gitstore_commit(struct gitstore *store, const struct gitstore_change *changes,
                                size_t count, const char *message, struct error *err);

/* What would be read after such a commit: everything that reads does so as of it, until
 * gitstore_preview_end. Nothing is moved, and nothing must be committed meanwhile. */
MUST_CHECK bool gitstore_preview(struct gitstore *store, const struct gitstore_change *changes,
                                 size_t count, const char *message, struct error *err);
void gitstore_preview_end(struct gitstore *store);

/* Somebody waits for the commits that follow: each is made durable as one pack, with few waits for
 * the disk, and the work tree is left for the first commit without hurry. As durable as any other.
 * For a few commits only: git grows slow with thousands of packs. */
void gitstore_hurry(struct gitstore *store, bool hurry);

struct gitstore_log_entry {
    char *id, *message; /* the whole message */
    int64_t at_ms;
};
/* Newest first, of the commits that touch `folder` (NULL: all); visit answers false to stop. A head
 * that was walked already is not walked again. */
MUST_CHECK bool gitstore_log(struct gitstore *store, const char *folder,
                             bool (*visit)(void *context, const struct gitstore_log_entry *entry),
                             void *context, struct error *err);

/* A folder of this machine alone (in .git/ecmig), for the local journal and locks; made when asked.
 */
MUST_CHECK bool gitstore_private_folder(struct gitstore *store, char **out, struct error *err);
