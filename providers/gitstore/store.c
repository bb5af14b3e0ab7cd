#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "providers/gitstore/store.h"
#include "schemas/base/files.h"

bool store_failed(struct error *err, const char *format, ...) {
    int system_error = errno;
    va_list arguments;
    va_start(arguments, format);
    AUTO(string_free) char *what = xvasprintf(format, arguments);
    va_end(arguments);
    const git_error *last = git_error_last();
    const char *words = last && last->message ? last->message : "git does not say why";
    bool full = system_error == ENOSPC && !strstr(words, "No space left");
    error_set(err, ERROR_IO, "%s: %s%s%s", what, words, full ? ": " : "",
              full ? strerror(ENOSPC) : "");
    if (system_error == ENOSPC || strstr(words, "No space left"))
        return error_hint(err, "make room on the disk and run the same command again");
    return false;
}

bool store_is_empty(const struct gitstore *store) {
    return git_oid_is_zero(&store->tip);
}

void store_set_tip(struct gitstore *store, const git_oid *tip) {
    store->tip = *tip;
    store->tip_hex[0] = '\0';
    if (!store_is_empty(store))
        git_oid_tostr(store->tip_hex, sizeof store->tip_hex, tip);
}

static bool store_create(struct gitstore *store, struct error *err) {
    if (store->git)
        return true;
    if (!folder_make(store->path, 0700, err))
        return error_wrap(err, "state '%s'", store->path);
    git_repository_init_options options;
    git_repository_init_options_init(&options, GIT_REPOSITORY_INIT_OPTIONS_VERSION);
    options.flags = GIT_REPOSITORY_INIT_MKPATH;
    options.initial_head = store->branch;
    int held = store_hold_folder(store->path, true);
    errno = 0;
    int code = git_repository_init_ext(&store->git, store->path, &options);
    store_release_folder(held);
    if (code < 0) {
        store->git = NULL;
        return store_failed(err, "state '%s' cannot be made", store->path);
    }
    /* The folder may have been there, for all to enter: the record is its owner's. */
    (void)chmod(git_repository_path(store->git), 0700);
    return true;
}

static bool branch_is_valid(const char *reference) {
    int valid = 0;
    return git_reference_name_is_valid(&valid, reference) == 0 && valid;
}

bool gitstore_open(const char *repository, const char *branch, struct gitstore **out,
                   struct error *err) {
    return gitstore_open_with(repository, branch, NULL, out, err);
}

bool gitstore_open_with(const char *repository, const char *branch,
                        const struct gitstore_token *token, struct gitstore **out,
                        struct error *err) {
    bool started = git_libgit2_init() >= 0;
    AUTO(gitstore_close) struct gitstore *store = xcalloc(1, sizeof *store);
    if (token)
        store->origin = *token;
    if (!started)
        return store_failed(err, "git");
    git_libgit2_opts(GIT_OPT_ENABLE_FSYNC_GITDIR, 1);
    if (!store_locate(store, repository, err))
        return false;
    store->branch = xstrdup(branch);
    store->reference = xasprintf("refs/heads/%s", branch);
    if (!branch_is_valid(store->reference))
        return error_set(err, ERROR_IO, "'%s' cannot be the name of a branch", branch);
    if ((!store->url && !store_open(store, err)) || !gitstore_refresh(store, err))
        return false;
    *out = TAKE(store);
    return true;
}

void gitstore_close(struct gitstore *store) {
    if (!store)
        return;
    if (store->origin.release)
        store->origin.release(store->origin.context);
    secret_free(store->token);
    store_memory_close(store);
    store_log_forget(&store->log);
    git_repository_free(store->git);
    free(store->url);
    free(store->path);
    free(store->branch);
    free(store->reference);
    free(store);
    git_libgit2_shutdown();
}

bool gitstore_refresh(struct gitstore *store, struct error *err) {
    git_oid tip = { 0 };
    if (store->url)
        return store_refresh_remote(store, err);
    if (!store->git && !store_open(store, err))
        return false;
    if (store->git) {
        errno = 0;
        int code = git_reference_name_to_id(&tip, store->git, store->reference);
        if (code == GIT_ENOTFOUND)
            memset(&tip, 0, sizeof tip);
        else if (code < 0)
            return store_failed(err, "branch '%s' of '%s'", store->branch, store->path);
    }
    store_set_tip(store, &tip);
    return true;
}

const char *gitstore_tip(const struct gitstore *store) {
    return store->tip_hex;
}

bool gitstore_private_folder(struct gitstore *store, char **out, struct error *err) {
    if (store->url ? !store_clone(store, err) : !store_create(store, err))
        return false;
    AUTO(string_free) char *folder = path_join(git_repository_commondir(store->git), "ecmig");
    if (!folder_make(folder, 0700, err))
        return false;
    *out = TAKE(folder);
    return true;
}
