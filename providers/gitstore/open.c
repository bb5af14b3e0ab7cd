/* Opening the repository at a path. "Not found" is believed only where nothing is there: libgit2
 * says it as well of a repository of another user and of one that may not be read, and taking those
 * for absence would start a second record beside the first. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "providers/gitstore/store.h"
#include "schemas/base/clock.h"
#include "schemas/base/files.h"
#include "schemas/base/text.h"

#define MAKING_WAIT_MS 2000

/* Keeps one process from opening what another is just making. Best effort and for a moment only: a
 * process that stopped here must not stop the others. */
int store_hold_folder(const char *path, bool alone) {
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int64_t deadline_mono_ms = clock_mono_ms() + MAKING_WAIT_MS;
    while (fd >= 0 && flock(fd, (alone ? LOCK_EX : LOCK_SH) | LOCK_NB) < 0 &&
           clock_mono_ms() < deadline_mono_ms)
        clock_sleep_ms(1);
    return fd;
}

void store_release_folder(int held) {
    if (held >= 0)
        close(held);
}

static int try_open(const char *path, git_repository **out) {
    int held = store_hold_folder(path, false);
    errno = 0;
    /* No search: a repository around the folder is not ours to write to. */
    int code = git_repository_open_ext(out, path, GIT_REPOSITORY_OPEN_NO_SEARCH, "");
    if (code < 0)
        *out = NULL;
    store_release_folder(held);
    return code;
}

/* The same, independent of the owner. */
static int try_open_of_anybody(const char *path, git_repository **out) {
    git_libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, 0);
    int code = try_open(path, out);
    git_libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, 1);
    return code;
}

/* What git compares with safe.directory: the work tree, or the repository that has none. */
static char *safe_path(git_repository *git) {
    const char *path = git_repository_workdir(git);
    if (!path)
        path = git_repository_path(git);
    size_t length = strlen(path);
    return xstrndup(path, length > 1 && path[length - 1] == '/' ? length - 1 : length);
}

static int is_any(const git_config_entry *entry, void *context) {
    bool *any = context;
    *any = strcmp(entry->value, "*") == 0 || (*any && *entry->value);
    return 0;
}

/* git takes "*" for every folder; libgit2 1.5 knows single ones only. As in git, an empty value
 * forgets those before it, and a repository's own configuration does not count. */
static bool every_folder_is_safe(void) {
    git_config *config = NULL;
    bool any = false;
    if (git_config_open_default(&config) == 0)
        (void)git_config_get_multivar_foreach(config, "safe.directory", NULL, is_any, &any);
    git_config_free(config);
    git_error_clear();
    return any;
}

static char *shell_word(const char *word) {
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "/._-+,:@%";
    if (strspn(word, plain) == strlen(word))
        return xstrdup(word);
    AUTO(text_clear) struct text quoted = { 0 };
    for (text_add(&quoted, "'"); *word; word++)
        text_addf(&quoted, *word == '\'' ? "'\\%c'" : "%c", *word);
    text_add(&quoted, "'");
    return text_take(&quoted);
}

static bool refuse_owner(git_repository *git, const char *what, struct error *err) {
    AUTO(string_free) char *path = safe_path(git);
    struct stat status = { 0 };
    if (stat(path, &status) < 0 || status.st_uid == geteuid())
        (void)stat(git_repository_path(git), &status);
    AUTO(string_free) char *quoted = shell_word(path);
    error_set(err, ERROR_IO, "%s is a git repository of user id %ld, but ecmig runs as %ld", what,
              (long)status.st_uid, (long)geteuid());
    return error_hint(err,
                      "if you trust it: git config --global --add safe.directory %s (as the user "
                      "that runs ecmig); or: chown -R %ld %s",
                      quoted, (long)geteuid(), quoted);
}

/* Then it was made between the two looks. */
static bool is_ours(git_repository *git) {
    AUTO(string_free) char *path = safe_path(git);
    struct stat tree, repository;
    return stat(path, &tree) == 0 && tree.st_uid == geteuid() &&
           stat(git_repository_path(git), &repository) == 0 && repository.st_uid == geteuid();
}

/* *found: there is one, which was opened or cannot be; an error then says why. */
static bool open_of_another(const char *path, const char *what, git_repository **out, bool *found,
                            struct error *err) {
    git_repository *git = NULL;
    *found = try_open_of_anybody(path, &git) == 0;
    if (!*found)
        return true;
    if (is_ours(git) || every_folder_is_safe()) {
        *out = git;
        return true;
    }
    (void)refuse_owner(git, what, err);
    git_repository_free(git);
    return false;
}

/* A work tree or submodule whose repository is elsewhere, and not there: mounted without it. */
static bool refuse_link(const char *what, const char *link, struct error *err) {
    AUTO(text_clear) struct text words = { 0 };
    AUTO(error_clear) struct error unread = { 0 };
    const char *to = "";
    if (file_read(link, 4096, &words, &unread) && strncmp(text_string(&words), "gitdir: ", 8) == 0)
        to = text_string(&words) + 8;
    error_set(err, ERROR_IO, "%s belongs to a repository that does not exist here: %.*s", what,
              (int)strcspn(to, "\r\n"), to);
    return error_hint(err, "make that folder available (mount it), or name another repository");
}

static bool is_empty_folder(const char *path) {
    DIR *folder = opendir(path);
    bool is_empty = folder || errno == ENOENT || errno == ENOTDIR;
    for (struct dirent *entry = folder ? readdir(folder) : NULL; entry; entry = readdir(folder))
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            is_empty = false;
    if (folder)
        closedir(folder);
    return is_empty;
}

/* An initialization that was cut short has no branch yet. */
static bool is_cut_short(const char *git) {
    AUTO(string_free) char *heads = path_join(git, "refs/heads");
    AUTO(string_free) char *packed = path_join(git, "packed-refs");
    return is_empty_folder(heads) && !path_exists(packed);
}

static bool git_is_free(const char *git, const char *what, struct error *err) {
    struct stat status;
    if (lstat(git, &status) < 0 && errno == ENOENT)
        return true;
    if (stat(git, &status) < 0)
        return error_set_errno(err, "'%s'", git);
    if (!S_ISDIR(status.st_mode))
        return refuse_link(what, git, err);
    if (access(git, R_OK | X_OK) < 0) {
        error_set_errno(err, "'%s'", git);
        return error_hint(err, "allow the user that runs ecmig (id %ld) to read and write it",
                          (long)geteuid());
    }
    return is_cut_short(git) ||
           store_failed(err, "%s is a git repository that cannot be opened", what) ||
           error_hint(err, "run 'git -C %s fsck' to see what is missing", git);
}

/* A folder that holds nothing but a .git without a branch counts as empty. */
static bool folder_is_free(const char *path, const char *what, bool *is_free, struct error *err) {
    AUTO(string_free) char *git = path_join(path, ".git");
    DIR *folder = opendir(path);
    if (!folder) {
        *is_free = errno == ENOENT;
        if (*is_free)
            return true;
        error_set_errno(err, "%s", what);
        return error_hint(err,
                          "name a folder that the user that runs ecmig (id %ld) may read and "
                          "write, or the URL of a repository",
                          (long)geteuid());
    }
    *is_free = true;
    for (struct dirent *entry = readdir(folder); entry; entry = readdir(folder)) {
        const char *name = entry->d_name;
        if (strcmp(name, ".") != 0 && strcmp(name, "..") != 0 && strcmp(name, ".git") != 0)
            *is_free = false;
    }
    closedir(folder);
    return git_is_free(git, what, err);
}

static bool open_at(const char *path, const char *what, git_repository **out, struct error *err) {
    bool found = false, is_free = false;
    int code = try_open(path, out);
    if (code == 0)
        return true;
    if (code != GIT_EOWNER && code != GIT_ENOTFOUND && code != GIT_ERROR)
        return store_failed(err, "%s", what) ||
               (err->hint ? false
                          : error_hint(err, "name a readable folder, or the URL of a repository"));
    if (!open_of_another(path, what, out, &found, err))
        return false;
    if (found)
        return true;
    if (!folder_is_free(path, what, &is_free, err))
        return false;
    /* Files that were not there a moment ago may be a repository that another process just made. */
    if (is_free || try_open(path, out) == 0)
        return true;
    error_set(err, ERROR_IO, "%s is a folder with files, but not a git repository", what);
    return error_hint(err, "name a folder that does not exist yet, or an existing repository");
}

bool store_open(struct gitstore *store, struct error *err) {
    AUTO(string_free) char *what = xasprintf("state '%s'", store->path);
    return open_at(store->path, what, &store->git, err);
}
