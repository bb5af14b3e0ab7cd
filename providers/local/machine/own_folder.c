#include "providers/local/machine/own_folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "schemas/base/files.h"
#include "schemas/base/memory.h"

#define DEPTH_CEILING 8 /* DIR/nodes/NAME/appendonlydir/FILE is the deepest that is made */

static bool is_dots(const char *name) {
    return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

/* Is everything below `at`, which is closed, a file or folder of ours? Else *planted is where the
 * first other thing is. What disappears meanwhile does not matter. */
static bool is_ours(int at, const char *path, int depth, char **planted) {
    DIR *folder = depth < DEPTH_CEILING ? fdopendir(at) : NULL;
    if (!folder) {
        (void)close(at);
        *planted = xstrdup(path);
        return false;
    }
    bool ours = true;
    for (struct dirent *entry = readdir(folder); ours && entry; entry = readdir(folder)) {
        struct stat status;
        if (is_dots(entry->d_name) ||
            fstatat(dirfd(folder), entry->d_name, &status, AT_SYMLINK_NOFOLLOW) != 0)
            continue;
        AUTO(string_free) char *name = path_join(path, entry->d_name);
        if (S_ISLNK(status.st_mode) || status.st_uid != geteuid()) {
            *planted = TAKE(name);
            ours = false;
        } else if (S_ISDIR(status.st_mode)) {
            int next = openat(dirfd(folder), entry->d_name,
                              O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
            ours = next < 0 ? errno == ENOENT : is_ours(next, name, depth + 1, planted);
            if (!ours && !*planted)
                *planted = TAKE(name);
        }
    }
    (void)closedir(folder);
    return ours;
}

bool own_folder_check(const char *path, struct error *err) {
    struct stat status;
    AUTO(string_free) char *planted = NULL;
    int at = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (at < 0 || fstat(at, &status) != 0) {
        if (at >= 0)
            (void)close(at);
        return error_set_errno(err, "cannot open the folder '%s'", path);
    }
    bool shared = status.st_uid != geteuid() || status.st_mode & (S_IWGRP | S_IWOTH);
    if (shared) {
        (void)close(at);
        error_set(err, ERROR_REFUSED, "others can write to the folder '%s'", path);
        return status.st_uid != geteuid()
                   ? error_hint(err, "name a folder of your own with --dir")
                   : error_hint(err,
                                "name another with --dir, or remove the permission: chmod go-w %s",
                                path);
    }
    if (is_ours(at, path, 0, &planted))
        return true;
    error_set(err, ERROR_REFUSED, "'%s' is not a file of the local endpoint", planted);
    return error_hint(err, "there is a symbolic link or a file of another user: remove it, or name "
                           "another folder with --dir");
}
