#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "providers/gitstore/store.h"
#include "schemas/base/files.h"

/* The work tree is ours to refresh only while HEAD is on our branch. */
static bool shows_our_branch(struct gitstore *store) {
    AUTO(git_reference_free) git_reference *head = NULL;
    if (git_repository_is_bare(store->git) || !git_repository_workdir(store->git) ||
        git_reference_lookup(&head, store->git, "HEAD") < 0)
        return false;
    const char *target = git_reference_symbolic_target(head);
    return target && strcmp(target, store->reference) == 0;
}

/* Without fsync: a copy that a crash tore is written again by store_show_all. */
static bool write_plain(const char *path, const void *bytes, size_t length) {
    struct error err = { 0 };
    AUTO(string_free) char *folder = path_folder(path);
    FILE *file = fopen(path, "we");
    if (!file && errno == ENOENT && folder_make(folder, 0755, &err))
        file = fopen(path, "we");
    error_clear(&err);
    if (!file)
        return false;
    bool written = fwrite(bytes, 1, length, file) == length;
    return fclose(file) == 0 && written;
}

static void remove_plain(const char *root, const char *path) {
    AUTO(string_free) char *at = path_join(root, path);
    size_t keep = strlen(root);
    unlink(at);
    /* git keeps no empty folders; rmdir stops at the first that is not. */
    for (char *slash = strrchr(at, '/'); slash && (size_t)(slash - at) > keep;
         slash = strrchr(at, '/')) {
        *slash = '\0';
        if (rmdir(at) < 0)
            return;
    }
}

static bool index_file(git_index *index, git_tree *tree, const char *root, const char *path) {
    AUTO(git_tree_entry_free) git_tree_entry *found = NULL;
    AUTO(string_free) char *at = path_join(root, path);
    struct stat status;
    if (store_entry(&found, tree, path) < 0 || stat(at, &status) < 0)
        return false;
    git_index_entry entry = { .path = path, .mode = GIT_FILEMODE_BLOB };
    entry.id = *git_tree_entry_id(found);
    /* Stat data as git keeps them, so that its status need not read the file again. */
    entry.file_size = (uint32_t)status.st_size;
    entry.ctime.seconds = (int32_t)status.st_ctim.tv_sec;
    entry.ctime.nanoseconds = (uint32_t)status.st_ctim.tv_nsec;
    entry.mtime.seconds = (int32_t)status.st_mtim.tv_sec;
    entry.mtime.nanoseconds = (uint32_t)status.st_mtim.tv_nsec;
    entry.dev = (uint32_t)status.st_dev;
    entry.ino = (uint32_t)status.st_ino;
    entry.uid = status.st_uid;
    entry.gid = status.st_gid;
    return git_index_add(index, &entry) == 0;
}

void store_show_changes(struct gitstore *store, const struct gitstore_change *changes,
                        size_t count) {
    struct error err = { 0 };
    AUTO(git_tree_free) git_tree *tree = NULL;
    AUTO(git_index_free) git_index *index = NULL;
    if (!shows_our_branch(store))
        return;
    const char *root = git_repository_workdir(store->git);
    bool listed = store_tip_tree(store, &tree, &err) &&
                  git_repository_index(&index, store->git) == 0 && git_index_read(index, 0) == 0;
    for (size_t i = 0; i < count; i++) {
        const struct gitstore_change *change = &changes[i];
        AUTO(string_free) char *at = path_join(root, change->path);
        if (!change->bytes)
            remove_plain(root, change->path);
        else if (!write_plain(at, change->bytes, change->length))
            listed = false;
        if (listed && change->bytes)
            listed = index_file(index, tree, root, change->path);
        else if (listed)
            git_index_remove(index, change->path, 0);
    }
    if (listed && git_index_write(index) < 0)
        listed = false;
    error_clear(&err);
}

static void remove_stale(git_index *index, git_tree *tree, const char *root) {
    for (size_t i = 0; i < git_index_entrycount(index); i++) {
        AUTO(git_tree_entry_free) git_tree_entry *found = NULL;
        const git_index_entry *entry = git_index_get_byindex(index, i);
        if (store_entry(&found, tree, entry->path) == GIT_ENOTFOUND)
            remove_plain(root, entry->path);
    }
}

void store_show_all(struct gitstore *store) {
    struct error err = { 0 };
    AUTO(git_tree_free) git_tree *tree = NULL;
    AUTO(git_index_free) git_index *index = NULL;
    git_checkout_options options;
    if (shows_our_branch(store) && store_tip_tree(store, &tree, &err) &&
        git_repository_index(&index, store->git) == 0 && git_index_read(index, 1) == 0 &&
        git_checkout_options_init(&options, GIT_CHECKOUT_OPTIONS_VERSION) == 0) {
        remove_stale(index, tree, git_repository_workdir(store->git));
        options.checkout_strategy = GIT_CHECKOUT_FORCE;
        /* The index first: checkout leaves the entries of files alone that are right already. */
        if (git_index_read_tree(index, tree) < 0 || git_index_write(index) < 0 ||
            git_checkout_tree(store->git, (const git_object *)tree, &options) < 0)
            git_error_clear();
    }
    error_clear(&err);
}
