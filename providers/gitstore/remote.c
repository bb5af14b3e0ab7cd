/* A remote is worked on through a private clone: its branch is the last head of the remote that is
 * known here, and moves only forward. */
#include <errno.h>
#include <string.h>

#include "providers/gitstore/transfer.h"
#include "schemas/base/files.h"

#define READ_TRIES 3

static bool known_head(struct gitstore *store, git_oid *out, struct error *err) {
    errno = 0;
    memset(out, 0, sizeof *out);
    int code = git_reference_name_to_id(out, store->git, store->reference);
    if (code == GIT_ENOTFOUND)
        memset(out, 0, sizeof *out);
    return code == 0 || code == GIT_ENOTFOUND ||
           store_failed(err, "branch '%s' of '%s'", store->branch, store->path);
}

/* By first parents, which is how the record is read: a merge may have the tip that is known as its
 * second parent, and an old state as its first. */
static bool continues(struct gitstore *store, const git_oid *from, const git_oid *to) {
    git_revwalk *walk = NULL;
    git_oid at;
    bool found = git_oid_is_zero(from);
    if (found || git_oid_is_zero(to) || git_revwalk_new(&walk, store->git) != 0)
        return found;
    (void)git_revwalk_simplify_first_parent(walk);
    if (git_revwalk_push(walk, to) == 0)
        while (!found && git_revwalk_next(&at, walk) == 0)
            found = git_oid_cmp(&at, from) == 0;
    git_revwalk_free(walk);
    return found;
}

static bool refuse_rewritten(struct gitstore *store, const git_oid *known, struct error *err) {
    error_set(err, ERROR_STALE,
              "branch '%s' of '%s' does not continue from commit %.12s, the last one known "
              "here: it was rewritten or truncated",
              store->branch, store->url, git_oid_tostr_s(known));
    return error_hint(err,
                      "find out who did this; the earlier commits are in the private clone %s. If "
                      "it was intended: git -C %s update-ref -d %s",
                      store->path, store->path, store->reference);
}

/* Another process of this machine may have been here first, and further. */
static bool advance(struct gitstore *store, const git_oid *known, const git_oid *to,
                    struct error *err) {
    AUTO(store_turn_close) struct store_turn turn = { .fd = -1 };
    git_oid now;
    if (git_oid_cmp(known, to) == 0)
        return true;
    if (!store_turn_take(store, &turn, err))
        return false;
    if (turn.orphaned)
        store_remove_lock_files(store);
    if (store_move_branch(store, known, to, "state", err))
        return true;
    if (err->code != ERROR_CONFLICT)
        return false;
    error_clear(err);
    return known_head(store, &now, err) &&
           (continues(store, to, &now) ||
            error_set(err, ERROR_CONFLICT, "branch '%s' of the state changed meanwhile",
                      store->branch));
}

bool store_refresh_remote(struct gitstore *store, struct error *err) {
    git_oid known, seen = { 0 };
    for (int i = 1;; i++) {
        if (!store_clone(store, err) || !transfer_fetch(store, &seen, err) ||
            !known_head(store, &known, err))
            return false;
        if (continues(store, &known, &seen))
            break;
        /* What we asked for may be older than what another process pushed since. */
        if (i == READ_TRIES || git_oid_is_zero(&seen) || !continues(store, &seen, &known))
            return refuse_rewritten(store, &known, err);
    }
    if (!advance(store, &known, &seen, err))
        return false;
    store_set_tip(store, &seen);
    return true;
}

/* A push that was answered badly, or not at all, may have arrived: only the remote knows. */
static bool arrived(struct gitstore *store, const git_oid *commit, struct error *err) {
    AUTO(error_clear) struct error unseen = { 0 };
    git_oid seen = { 0 };
    if (err->code != ERROR_REFUSED && err->code != ERROR_UNREACHABLE &&
        err->code != ERROR_DEADLINE && err->code != ERROR_IO)
        return false;
    if (!transfer_fetch(store, &seen, &unseen))
        return false;
    if (!git_oid_is_zero(&seen) && continues(store, commit, &seen)) {
        error_clear(err);
        return true;
    }
    /* A remote that locks the branch for another update says so in its own words. */
    if (git_oid_cmp(&seen, &store->tip) != 0 ||
        (err->code == ERROR_REFUSED && strstr(err->message, "lock")))
        return error_set(err, ERROR_CONFLICT, "branch '%s' of the state changed meanwhile",
                         store->branch);
    return false;
}

bool store_commit_remote(struct gitstore *store, const git_oid *commit, struct error *err) {
    git_oid known;
    if (!transfer_push(store, commit, err) && !arrived(store, commit, err))
        return false;
    if (!known_head(store, &known, err) ||
        (!continues(store, commit, &known) && !advance(store, &known, commit, err)))
        return false;
    store_set_tip(store, commit);
    return true;
}
