#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "providers/gitstore/store.h"
#include "schemas/base/strings.h"

/* The work tree is ours to refresh only while HEAD is on our branch. */
static bool shows_our_branch(struct gitstore *store) {
    AUTO(git_reference_free) git_reference *head = NULL;
    if (git_repository_is_bare(store->git) || !git_repository_workdir(store->git) ||
        git_reference_lookup(&head, store->git, "HEAD") < 0)
        return false;
    const char *target = git_reference_symbolic_target(head);
    return target && strcmp(target, store->reference) == 0;
}

/* Of a repository whose files others may read (git init --shared, or the operator's umask), so are
 * those of its work tree; what ecmig made is its owner's alone. */
static bool is_private(const git_repository *git) {
    struct stat status;
    return stat(git_repository_path(git), &status) == 0 && !(status.st_mode & 077);
}

#define FOLDER_FLAGS (O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)

/* Opens the folder that holds `path`, below the root, and makes what is missing of it; *name is the
 * last part of the path, `make` the mode of what is made, 0 for nothing. No link is followed: one
 * that somebody pushed would lead out of here. */
static int open_folder(const char *root, const char *path, mode_t make, const char **name) {
    int at = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    for (const char *end = strchr(path, '/'); at >= 0 && end; end = strchr(path, '/')) {
        AUTO(string_free) char *part = xstrndup(path, (size_t)(end - path));
        int next = openat(at, part, FOLDER_FLAGS);
        bool missing = next < 0 && (errno == ENOENT || errno == ELOOP || errno == ENOTDIR);
        if (missing && make && (unlinkat(at, part, 0) == 0 || errno == ENOENT) &&
            mkdirat(at, part, make) == 0)
            next = openat(at, part, FOLDER_FLAGS);
        (void)close(at);
        at = next;
        path = end + 1;
    }
    *name = path;
    return at;
}

static bool write_all(int file, const char *bytes, size_t length) {
    while (length > 0) {
        ssize_t written = write(file, bytes, length);
        if (written < 0)
            return false;
        bytes += written;
        length -= (size_t)written;
    }
    return true;
}

/* Without fsync: a copy that a crash tore is written again by store_show_all. */
static bool write_plain(const char *root, const struct gitstore_change *change, bool hidden) {
    const char *name = NULL;
    int folder = open_folder(root, change->path, hidden ? 0700 : 0755, &name);
    if (folder < 0)
        return false;
    const int flags = O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC;
    const mode_t mode = hidden ? 0600 : 0644;
    int file = openat(folder, name, flags, mode);
    if (file < 0 && errno == ELOOP && unlinkat(folder, name, 0) == 0)
        file = openat(folder, name, flags, mode);
    bool written = file >= 0 && write_all(file, change->bytes, change->length);
    if (file >= 0)
        written = close(file) == 0 && written;
    (void)close(folder);
    return written;
}

static void remove_plain(const char *root, const char *path) {
    AUTO(string_free) char *rest = xstrdup(path);
    /* git keeps no empty folders; removing stops at the first that is not. */
    for (int flags = 0; *rest; flags = AT_REMOVEDIR) {
        const char *name = NULL;
        int folder = open_folder(root, rest, 0, &name);
        bool removed = folder >= 0 && (unlinkat(folder, name, flags) == 0 || !flags);
        if (folder >= 0)
            (void)close(folder);
        char *slash = strrchr(rest, '/');
        if (!removed || !slash)
            return;
        *slash = '\0';
    }
}

static bool stat_plain(const char *root, const char *path, struct stat *out) {
    const char *name = NULL;
    int folder = open_folder(root, path, 0, &name);
    bool found = folder >= 0 && fstatat(folder, name, out, AT_SYMLINK_NOFOLLOW) == 0;
    if (folder >= 0)
        (void)close(folder);
    return found;
}

static bool index_file(git_index *index, git_tree *tree, const char *root, const char *path) {
    AUTO(git_tree_entry_free) git_tree_entry *found = NULL;
    struct stat status;
    if (store_entry(&found, tree, path) < 0 || !stat_plain(root, path, &status))
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
    bool hidden = is_private(store->git);
    bool listed = store_tip_tree(store, &tree, &err) &&
                  git_repository_index(&index, store->git) == 0 && git_index_read(index, 0) == 0;
    for (size_t i = 0; i < count; i++) {
        const struct gitstore_change *change = &changes[i];
        if (!change->bytes)
            remove_plain(root, change->path);
        else if (!write_plain(root, change, hidden))
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

/* The plain files of a tree; ecmig writes nothing else, and shows nothing else. */
struct plain_files {
    git_repository *git;
    struct strings paths;
    bool others;
};

static int add_plain(const char *root, const git_tree_entry *entry, void *payload) {
    struct plain_files *files = payload;
    git_filemode_t mode = git_tree_entry_filemode(entry);
    bool shown =
        mode == GIT_FILEMODE_BLOB && store_object_fits(files->git, git_tree_entry_id(entry));
    if (shown)
        strings_addf(&files->paths, "%s%s", root, git_tree_entry_name(entry));
    files->others |= !shown && mode != GIT_FILEMODE_TREE;
    return 0;
}

static bool check_out(struct gitstore *store, git_tree *tree) {
    git_checkout_options options;
    struct plain_files files = { .git = store->git };
    if (git_checkout_options_init(&options, GIT_CHECKOUT_OPTIONS_VERSION) < 0)
        return false;
    options.checkout_strategy = GIT_CHECKOUT_FORCE;
    options.dir_mode = is_private(store->git) ? 0700 : 0755;
    options.file_mode = is_private(store->git) ? 0600 : 0644;
    bool fine = git_tree_walk(tree, GIT_TREEWALK_PRE, add_plain, &files) == 0;
    if (files.others) {
        options.checkout_strategy |= GIT_CHECKOUT_DISABLE_PATHSPEC_MATCH;
        options.paths = (git_strarray){ files.paths.items, files.paths.count };
    }
    fine = fine && (!files.others || files.paths.count) &&
           git_checkout_tree(store->git, (const git_object *)tree, &options) == 0;
    strings_clear(&files.paths);
    return fine;
}

void store_show_all(struct gitstore *store) {
    struct error err = { 0 };
    AUTO(git_tree_free) git_tree *tree = NULL;
    AUTO(git_index_free) git_index *index = NULL;
    if (shows_our_branch(store) && store_tip_tree(store, &tree, &err) &&
        git_repository_index(&index, store->git) == 0 && git_index_read(index, 1) == 0) {
        remove_stale(index, tree, git_repository_workdir(store->git));
        /* The index first: checkout leaves the entries of files alone that are right already. */
        if (git_index_read_tree(index, tree) < 0 || git_index_write(index) < 0 ||
            !check_out(store, tree))
            git_error_clear();
    }
    error_clear(&err);
}
