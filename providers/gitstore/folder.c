/* The folder of the store: made when something is kept in it for the first time. */
#include <errno.h>
#include <sys/stat.h>

#include "providers/gitstore/store.h"
#include "schemas/base/files.h"

bool store_clone(struct gitstore *store, struct error *err) {
    if (store->git)
        return true;
    git_repository_init_options options;
    git_repository_init_options_init(&options, GIT_REPOSITORY_INIT_OPTIONS_VERSION);
    options.flags = GIT_REPOSITORY_INIT_MKPATH | GIT_REPOSITORY_INIT_BARE;
    options.initial_head = store->branch;
    options.description = store->url; /* for people who wonder what this is */
    errno = 0;
    if (!folder_make(store->path, 0700, err))
        return error_wrap(err, "private clone of '%s'", store->url);
    if (git_repository_open_bare(&store->git, store->path) == 0)
        return true;
    if (git_repository_init_ext(&store->git, store->path, &options) == 0)
        return true;
    store->git = NULL;
    return store_failed(err, "private clone '%s' of '%s'", store->path, store->url);
}

bool store_create(struct gitstore *store, struct error *err) {
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
        return store_failed(err, "state '%s' cannot be created", store->path);
    }
    /* The folder may have been there, for all to enter: the record is its owner's. */
    (void)chmod(git_repository_path(store->git), 0700);
    return true;
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
