#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "providers/gitstore/store.h"
#include "schemas/base/files.h"

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
        return error_set(err, ERROR_IO, "'%s' is not a valid branch name", branch);
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
