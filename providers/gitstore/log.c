/* The history of a folder. A record is checked several times in a process, and a commit never
 * changes: what was walked is kept, so that a new head costs its new commits alone. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "providers/gitstore/store.h"
#include "schemas/base/number.h"

#define KEPT_CEILING_BYTES                                                                         \
    ((size_t)64 << 20) /* of messages; a longer history is walked each time */

void store_log_forget(struct store_log *log) {
    for (size_t i = 0; i < log->commits.count; i++) {
        free(log->commits.items[i].id);
        free(log->commits.items[i].message);
    }
    free(log->commits.items);
    free(log->folder);
    *log = (struct store_log){ 0 };
}
AUTO_VALUE(struct store_log, store_log_forget)

static bool failed(struct gitstore *store, struct error *err) {
    return store_failed(err, "history of '%s'", store->path);
}

/* What `folder` is in a commit: zero when absent, the whole tree for NULL. */
static bool folder_id(struct gitstore *store, git_commit *commit, const char *folder, git_oid *out,
                      struct error *err) {
    AUTO(git_tree_free) git_tree *tree = NULL;
    AUTO(git_tree_entry_free) git_tree_entry *entry = NULL;
    memset(out, 0, sizeof *out);
    if (!commit)
        return true;
    *out = *git_commit_tree_id(commit);
    if (!folder)
        return true;
    errno = 0;
    if (store_tree(&tree, store->git, git_commit_tree_id(commit)) < 0)
        return failed(store, err);
    int code = store_entry(&entry, tree, folder);
    if (code == 0)
        *out = *git_tree_entry_id(entry);
    else
        memset(out, 0, sizeof *out);
    return code == 0 || code == GIT_ENOTFOUND || failed(store, err);
}

static void keep(struct store_log *log, const git_commit *commit) {
    char id[GIT_OID_HEXSZ + 1];
    git_oid_tostr(id, sizeof id, git_commit_id(commit));
    struct gitstore_log_entry *entry = LIST_ADD(&log->commits);
    entry->id = xstrdup(id);
    entry->message = xstrdup(git_commit_message(commit));
    entry->at_ms = number_product((int64_t)git_commit_time(commit), 1000);
    log->bytes += strlen(entry->message);
}

/* Newest first, down to what is known. */
static bool walk(struct gitstore *store, const struct store_log *known, struct store_log *out,
                 struct error *err) {
    AUTO(git_commit_free) git_commit *commit = NULL;
    git_oid here, before;
    errno = 0;
    if (!store_is_empty(store) && store_commit(&commit, store->git, &store->tip) < 0)
        return failed(store, err);
    if (!folder_id(store, commit, out->folder, &here, err))
        return false;
    while (commit && !(known && git_oid_cmp(git_commit_id(commit), &known->tip) == 0)) {
        AUTO(git_commit_free) git_commit *parent = NULL;
        if (git_commit_parentcount(commit) > 0 &&
            store_commit(&parent, store->git, git_commit_parent_id(commit, 0)) < 0)
            return failed(store, err);
        if (!folder_id(store, parent, out->folder, &before, err))
            return false;
        if (!out->folder || git_oid_cmp(&here, &before) != 0)
            keep(out, commit);
        git_commit_free(commit);
        commit = TAKE(parent);
        here = before;
    }
    out->is_whole = commit == NULL;
    return true;
}

/* Appends what was known to what came after it. */
static void join(struct store_log *log, struct store_log *known) {
    for (size_t i = 0; i < known->commits.count; i++) {
        *LIST_ADD(&log->commits) = known->commits.items[i];
        known->commits.items[i] = (struct gitstore_log_entry){ 0 };
    }
    log->bytes += known->bytes;
    log->is_whole = true;
}

bool gitstore_log(struct gitstore *store, const char *folder,
                  bool (*visit)(void *context, const struct gitstore_log_entry *entry),
                  void *context, struct error *err) {
    AUTO(store_log_forget) struct store_log log = { .folder = xstrdup(folder) };
    bool same = store->log.is_whole && string_same(store->log.folder, folder);
    if (!walk(store, same ? &store->log : NULL, &log, err))
        return false;
    if (!log.is_whole)
        join(&log, &store->log);
    log.tip = store->tip;
    for (size_t i = 0; i < log.commits.count && visit(context, &log.commits.items[i]); i++)
        ;
    store_log_forget(&store->log);
    if (log.bytes <= KEPT_CEILING_BYTES) {
        store->log = log;
        log = (struct store_log){ 0 };
    }
    return true;
}
