/* Commits that somebody waits for. A loose object costs two waits for the disk, a commit of ours
 * has some fifteen of them; a pack costs three, no matter what is in it. */
#include <git2/pack.h>
#include <git2/sys/mempack.h>
#include <git2/sys/odb_backend.h>
#include <string.h>

#include "providers/gitstore/store.h"

static inline void git_packbuilder_free_at(git_packbuilder **builder) {
    git_packbuilder_free(*builder);
}

/* A backend cannot be taken from libgit2's object base again, so it gets one of its own. */
bool store_memory_open(struct gitstore *store, struct error *err) {
    AUTO(git_odb_free) git_odb *objects = NULL;
    git_odb_backend *backend = NULL;
    if (store->memory)
        return true;
    if (git_repository_open(&store->memory, git_repository_path(store->git)) < 0 ||
        git_repository_odb(&objects, store->memory) < 0 || git_mempack_new(&backend) < 0)
        return store_failed(err, "the state cannot be opened");
    if (git_odb_add_backend(objects, backend, 1000) < 0) {
        backend->free(backend);
        return store_failed(err, "the state cannot be opened");
    }
    store->memory_objects = backend;
    return true;
}

void store_memory_close(struct gitstore *store) {
    git_repository_free(store->memory);
    store->memory = NULL;
    store->memory_objects = NULL;
}

/* The file at a path and the folders above it; what was removed is not there. */
static bool add_path(git_packbuilder *builder, git_tree *tree, const char *path) {
    AUTO(string_free) char *part = xstrdup(path);
    for (size_t length = strlen(path);; part[length] = '\0') {
        AUTO(git_tree_entry_free) git_tree_entry *entry = NULL;
        int code = store_entry(&entry, tree, part);
        if (code == GIT_ENOTFOUND)
            git_error_clear();
        else if (code < 0 || git_packbuilder_insert(builder, git_tree_entry_id(entry), NULL) < 0)
            return false;
        while (length > 0 && part[length] != '/')
            length--;
        if (length == 0)
            return true;
    }
}

static bool add_all(git_packbuilder *builder, git_repository *git, const git_oid *commit_id,
                    const struct gitstore_change *changes, size_t count) {
    AUTO(git_commit_free) git_commit *commit = NULL;
    AUTO(git_tree_free) git_tree *tree = NULL;
    if (git_commit_lookup(&commit, git, commit_id) < 0 || git_commit_tree(&tree, commit) < 0 ||
        git_packbuilder_insert(builder, commit_id, NULL) < 0 ||
        git_packbuilder_insert(builder, git_tree_id(tree), NULL) < 0)
        return false;
    for (size_t i = 0; i < count; i++)
        if (!add_path(builder, tree, changes[i].path))
            return false;
    return true;
}

bool store_memory_write(struct gitstore *store, const git_oid *commit,
                        const struct gitstore_change *changes, size_t count, struct error *err) {
    AUTO(git_packbuilder_free) git_packbuilder *builder = NULL;
    if (git_packbuilder_new(&builder, store->memory) < 0)
        return store_failed(err, "the commit cannot be packed");
    git_packbuilder_set_threads(builder, 1);
    return (add_all(builder, store->memory, commit, changes, count) &&
            git_packbuilder_write(builder, NULL, 0, NULL, NULL) == 0) ||
           store_failed(err, "the commit cannot be packed");
}

void store_memory_forget(struct gitstore *store) {
    if (store->memory_objects)
        (void)git_mempack_reset(store->memory_objects);
}
