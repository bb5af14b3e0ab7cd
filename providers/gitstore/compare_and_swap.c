#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#include "providers/gitstore/store.h"
#include "schemas/base/clock.h"
#include "schemas/base/files.h"

static bool path_in_tree(git_tree *tree, const char *path) {
    AUTO(git_tree_entry_free) git_tree_entry *entry = NULL;
    return tree && git_tree_entry_bypath(&entry, tree, path) == 0;
}

/* A commit to be made on top of the tip we know. */
struct draft {
    const struct gitstore_change *changes;
    size_t count;
    const char *message;
};

static bool write_updates(git_repository *git, git_tree *base, const struct draft *draft,
                          git_tree_update *updates, git_oid *out, struct error *err) {
    const struct gitstore_change *changes = draft->changes;
    size_t used = 0;
    errno = 0;
    for (size_t i = 0; i < draft->count; i++) {
        git_tree_update *update = &updates[used];
        *update = (git_tree_update){ .path = changes[i].path, .filemode = GIT_FILEMODE_BLOB };
        update->action = changes[i].bytes ? GIT_TREE_UPDATE_UPSERT : GIT_TREE_UPDATE_REMOVE;
        if (!changes[i].bytes && !path_in_tree(base, changes[i].path))
            continue;
        if (changes[i].bytes &&
            git_blob_create_from_buffer(&update->id, git, changes[i].bytes, changes[i].length) < 0)
            return store_failed(err, "'%s' cannot be stored", changes[i].path);
        used++;
    }
    return git_tree_create_updated(out, git, base, used, updates) == 0 ||
           store_failed(err, "the changes cannot be stored");
}

static bool write_tree(git_repository *git, git_tree *base, const struct draft *draft, git_oid *out,
                       struct error *err) {
    git_tree_update *updates = xcalloc(draft->count + 1, sizeof *updates);
    bool written = write_updates(git, base, draft, updates, out, err);
    free(updates);
    return written;
}

static bool write_commit(git_repository *git, const git_commit *parent, const git_oid *tree_id,
                         const char *message, git_oid *out, struct error *err) {
    AUTO(git_signature_free) git_signature *who = NULL;
    AUTO(git_tree_free) git_tree *tree = NULL;
    errno = 0;
    if (git_signature_new(&who, "ecmig", "ecmig@localhost", time(NULL), 0) < 0 ||
        git_tree_lookup(&tree, git, tree_id) < 0)
        return store_failed(err, "the commit cannot be created");
    const git_commit *parents[] = { parent };
    if (git_commit_create(out, git, NULL, who, who, NULL, message, tree, parent ? 1 : 0, parents) <
        0)
        return store_failed(err, "the commit cannot be stored");
    return true;
}

/* The branch is not moved yet. */
static bool write_objects(struct gitstore *store, git_repository *git, const struct draft *draft,
                          git_oid *out, struct error *err) {
    AUTO(git_commit_free) git_commit *parent = NULL;
    AUTO(git_tree_free) git_tree *base = NULL;
    git_oid tree;
    errno = 0;
    if (!store_is_empty(store) &&
        (git_commit_lookup(&parent, git, &store->tip) < 0 || git_commit_tree(&base, parent) < 0))
        return store_failed(err, "commit %s", store->tip_hex);
    return write_tree(git, base, draft, &tree, err) &&
           write_commit(git, parent, &tree, draft->message, out, err);
}

static bool write_hurried(struct gitstore *store, const struct draft *draft, git_oid *out,
                          struct error *err) {
    bool written = store_memory_open(store, err) &&
                   write_objects(store, store->memory, draft, out, err) &&
                   store_memory_write(store, out, draft->changes, draft->count, err);
    store_memory_forget(store);
    return written;
}

static bool tip_is_current(struct gitstore *store, struct error *err) {
    git_oid tip;
    int code = git_reference_name_to_id(&tip, store->git, store->reference);
    if (code == GIT_ENOTFOUND ? store_is_empty(store) : code < 0 || !git_oid_cmp(&tip, &store->tip))
        return true; /* what cannot be read is reported by the swap itself */
    return error_set(err, ERROR_CONFLICT, "branch '%s' of the state changed meanwhile",
                     store->branch);
}

/* A courtesy need not be durable, and waiting for the disk is most of what a commit takes. */
static void show(struct gitstore *store, bool all, const struct draft *draft) {
    git_libgit2_opts(GIT_OPT_ENABLE_FSYNC_GITDIR, 0);
    if (all)
        store_show_all(store);
    else
        store_show_changes(store, draft->changes, draft->count);
    git_libgit2_opts(GIT_OPT_ENABLE_FSYNC_GITDIR, 1);
}

void gitstore_hurry(struct gitstore *store, bool hurry) {
    store->hurried = hurry;
}

static bool write_new(struct gitstore *store, const struct draft *draft, git_oid *out,
                      struct error *err) {
    return store->hurried ? write_hurried(store, draft, out, err)
                          : write_objects(store, store->git, draft, out, err);
}

bool gitstore_preview(struct gitstore *store, const struct gitstore_change *changes, size_t count,
                      const char *message, struct error *err) {
    const struct draft draft = { changes, count, message };
    git_oid commit;
    if (store->url && !store_clone(store, err))
        return false;
    if (!write_objects(store, store->git, &draft, &commit, err))
        return error_wrap(err, "state '%s'", store->url ? store->url : store->path);
    store->before_preview = store->tip;
    store->previews = true;
    store_set_tip(store, &commit);
    return true;
}

void gitstore_preview_end(struct gitstore *store) {
    if (store->previews)
        store_set_tip(store, &store->before_preview);
    store->previews = false;
}

static bool commit_remote(struct gitstore *store, const struct draft *draft, struct error *err) {
    git_oid commit;
    return (store_clone(store, err) && write_new(store, draft, &commit, err) &&
            store_commit_remote(store, &commit, err)) ||
           error_wrap(err, "state '%s'", store->url);
}

bool gitstore_commit(struct gitstore *store, const struct gitstore_change *changes, size_t count,
                     const char *message, struct error *err) {
    const struct draft draft = { changes, count, message };
    AUTO(store_turn_close) struct store_turn turn = { .fd = -1 };
    git_oid commit;
    if (store->url)
        return commit_remote(store, &draft, err);
    if (!store_turn_take(store, &turn, err))
        return false;
    if (turn.orphaned)
        store_remove_lock_files(store);
    /* Looked at before writing objects only to leave none behind; the swap decides. */
    if (!tip_is_current(store, err) || !write_new(store, &draft, &commit, err) ||
        !store_move_branch(store, &store->tip, &commit, message, err))
        return error_wrap(err, "state '%s'", store->path);
    store_set_tip(store, &commit);
    if (!store->hurried)
        show(store, turn.behind, &draft);
    turn.behind = store->hurried;
    return true;
}
