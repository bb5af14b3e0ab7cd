#include <errno.h>
#include <string.h>

#include "providers/gitstore/store.h"

bool store_object_fits(git_repository *git, const git_oid *id) {
    AUTO(git_odb_free) git_odb *objects = NULL;
    size_t length = 0;
    git_object_t type;
    if (git_repository_odb(&objects, git) < 0 ||
        git_odb_read_header(&length, &type, objects, id) < 0)
        return true; /* the lookup says why */
    if (length > GITSTORE_READ_CEILING_BYTES)
        (void)git_error_set_str(GIT_ERROR_INVALID, "an object is larger than 64 MiB");
    return length <= GITSTORE_READ_CEILING_BYTES;
}

int store_commit(git_commit **out, git_repository *git, const git_oid *id) {
    return store_object_fits(git, id) ? git_commit_lookup(out, git, id) : GIT_ERROR;
}

int store_tree(git_tree **out, git_repository *git, const git_oid *id) {
    return store_object_fits(git, id) ? git_tree_lookup(out, git, id) : GIT_ERROR;
}

bool store_tip_tree(struct gitstore *store, git_tree **out, struct error *err) {
    AUTO(git_commit_free) git_commit *commit = NULL;
    errno = 0;
    if (store_commit(&commit, store->git, &store->tip) < 0 ||
        store_tree(out, store->git, git_commit_tree_id(commit)) < 0)
        return store_failed(err, "commit %s of '%s'", store->tip_hex, store->path);
    return true;
}

int store_entry(git_tree_entry **out, git_tree *tree, const char *path) {
    git_tree *at = tree;
    int code = 0;
    for (const char *end = strchr(path, '/'); code == 0; end = strchr(path, '/')) {
        AUTO(string_free) char *name = xstrndup(path, end ? (size_t)(end - path) : strlen(path));
        const git_tree_entry *entry = git_tree_entry_byname(at, name);
        git_tree *next = NULL;
        if (!entry || (end && git_tree_entry_type(entry) != GIT_OBJECT_TREE))
            code = GIT_ENOTFOUND;
        else if (!end)
            code = git_tree_entry_dup(out, entry);
        else if (store_tree(&next, git_tree_owner(tree), git_tree_entry_id(entry)) < 0)
            code = GIT_ERROR;
        if (at != tree)
            git_tree_free(at);
        at = next ? next : tree;
        if (!end)
            break;
        path = end + 1;
    }
    if (at != tree)
        git_tree_free(at);
    return code;
}

/* NULL in *out when there is no such path. */
static bool find_path(struct gitstore *store, const char *path, git_tree_entry **out,
                      struct error *err) {
    *out = NULL;
    if (store_is_empty(store))
        return true;
    AUTO(git_tree_free) git_tree *tree = NULL;
    if (!store_tip_tree(store, &tree, err))
        return false;
    int code = store_entry(out, tree, path);
    if (code < 0)
        *out = NULL;
    return code == 0 || code == GIT_ENOTFOUND || store_failed(err, "'%s'", path);
}

bool gitstore_read(struct gitstore *store, const char *path, struct text *out, struct error *err) {
    AUTO(git_tree_entry_free) git_tree_entry *entry = NULL;
    AUTO(git_blob_free) git_blob *blob = NULL;
    if (!find_path(store, path, &entry, err))
        return false;
    if (!entry || git_tree_entry_type(entry) != GIT_OBJECT_BLOB)
        return error_set(err, ERROR_NOT_FOUND, "'%s' is not in the state", path);
    if (!store_object_fits(store->git, git_tree_entry_id(entry)))
        return error_set(err, ERROR_LIMIT, "'%s' in the state is larger than 64 MiB", path);
    errno = 0;
    if (git_blob_lookup(&blob, store->git, git_tree_entry_id(entry)) < 0)
        return store_failed(err, "'%s'", path);
    size_t length = (size_t)git_blob_rawsize(blob);
    text_reset(out);
    text_add_bytes(out, git_blob_rawcontent(blob), length);
    return text_ok(out, path, err);
}

bool gitstore_list(struct gitstore *store, const char *folder, struct strings *out,
                   struct error *err) {
    AUTO(git_tree_entry_free) git_tree_entry *entry = NULL;
    AUTO(git_tree_free) git_tree *tree = NULL;
    if (!find_path(store, folder, &entry, err))
        return false;
    errno = 0;
    if (entry && git_tree_entry_type(entry) == GIT_OBJECT_TREE &&
        store_tree(&tree, store->git, git_tree_entry_id(entry)) < 0)
        return store_failed(err, "'%s'", folder);
    strings_clear(out);
    for (size_t i = 0; tree && i < git_tree_entrycount(tree); i++)
        strings_add(out, git_tree_entry_name(git_tree_entry_byindex(tree, i)));
    strings_sort(out);
    return true;
}

bool gitstore_root(struct gitstore *store, char **out, struct error *err) {
    AUTO(git_commit_free) git_commit *commit = NULL;
    *out = NULL;
    if (store_is_empty(store))
        return true;
    errno = 0;
    if (store_commit(&commit, store->git, &store->tip) < 0)
        return store_failed(err, "history of '%s'", store->path);
    while (git_commit_parentcount(commit) > 0) {
        git_commit *parent = NULL;
        if (store_commit(&parent, store->git, git_commit_parent_id(commit, 0)) < 0)
            return store_failed(err, "history of '%s'", store->path);
        git_commit_free(commit);
        commit = parent;
    }
    char id[GIT_OID_HEXSZ + 1];
    git_oid_tostr(id, sizeof id, git_commit_id(commit));
    *out = xstrdup(id);
    return true;
}

struct walk {
    const char *folder;
    void (*visit)(void *context, const char *path, bool regular);
    void *context;
};

static int walk_entry(const char *root, const git_tree_entry *entry, void *payload) {
    const struct walk *walk = payload;
    git_filemode_t mode = git_tree_entry_filemode(entry);
    if (mode == GIT_FILEMODE_TREE)
        return 0;
    AUTO(string_free)
    char *path = xasprintf("%s/%s%s", walk->folder, root, git_tree_entry_name(entry));
    walk->visit(walk->context, path, mode == GIT_FILEMODE_BLOB);
    return 0;
}

bool gitstore_walk(struct gitstore *store, const char *folder,
                   void (*visit)(void *context, const char *path, bool regular), void *context,
                   struct error *err) {
    AUTO(git_tree_entry_free) git_tree_entry *entry = NULL;
    AUTO(git_tree_free) git_tree *tree = NULL;
    struct walk walk = { folder, visit, context };
    if (!find_path(store, folder, &entry, err))
        return false;
    if (!entry)
        return true;
    if (git_tree_entry_type(entry) != GIT_OBJECT_TREE) {
        visit(context, folder, git_tree_entry_filemode(entry) == GIT_FILEMODE_BLOB);
        return true;
    }
    errno = 0;
    if (store_tree(&tree, store->git, git_tree_entry_id(entry)) < 0 ||
        git_tree_walk(tree, GIT_TREEWALK_PRE, walk_entry, &walk) < 0)
        return store_failed(err, "'%s'", folder);
    return true;
}
