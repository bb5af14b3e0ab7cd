#include "schemas/base/files.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "schemas/base/digest.h"
#include "schemas/base/memory.h"

static void close_at(const int *descriptor) {
    if (*descriptor > STDERR_FILENO)
        (void)close(*descriptor);
}
#define AUTO_DESCRIPTOR __attribute__((cleanup(close_at)))

bool file_read(const char *path, size_t ceiling_bytes, struct text *out, struct error *err) {
    AUTO_DESCRIPTOR int descriptor =
        strcmp(path, "-") == 0 ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) {
        int reason = errno;
        error_set_errno(err, "cannot read '%s'", path);
        if (reason == ENOENT)
            err->code = ERROR_NOT_FOUND;
        return reason == EACCES ? error_hint(err,
                                             "allow the user that runs ecmig (id %ld) to read it "
                                             "and to enter the folders above it",
                                             (long)geteuid())
                                : false;
    }
    AUTO(text_clear) struct text content;
    text_init(&content, ceiling_bytes);
    char buffer[65536];
    for (;;) {
        ssize_t got = read(descriptor, buffer, sizeof buffer);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return error_set_errno(err, "cannot read '%s'", path);
        if (got == 0)
            break;
        text_add_bytes(&content, buffer, (size_t)got);
        if (!text_ok(&content, path, err))
            return false;
    }
    text_clear(out);
    *out = MOVE(content);
    return true;
}

static bool write_all(int descriptor, const char *bytes, size_t length) {
    while (length) {
        ssize_t put = write(descriptor, bytes, length);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return false;
        bytes += put;
        length -= (size_t)put;
    }
    return true;
}

/* What may be done about errno, where that can be said. */
static bool refuse_write(const char *path, struct error *err) {
    int reason = errno;
    error_set_errno(err, "cannot write '%s'", path);
    if (reason == ENOENT || reason == ENOTDIR)
        return error_hint(err, "create the folder that it belongs to, or name another file");
    if (reason == EACCES || reason == EPERM || reason == EROFS)
        return error_hint(err, "name a file in a writable folder");
    if (reason == ENOSPC || reason == EDQUOT || reason == EFBIG)
        return error_hint(err, "free disk space, or name a file on another disk");
    return reason == EISDIR ? error_hint(err, "name a file, not a folder") : false;
}

/* The system's own links lead to what is open already: /dev/stdout, /proc/self/fd/3. No other link
 * is followed: a user who can plant one would choose the file that is written. */
static bool is_of_system(const char *path) {
    return (strncmp(path, "/dev/", 5) == 0 && strncmp(path, "/dev/shm/", 9) != 0) ||
           strncmp(path, "/proc/", 6) == 0;
}

/* A device, a pipe, a terminal: nothing may take its place. */
static bool is_special(const char *path) {
    struct stat status;
    if (is_of_system(path))
        return stat(path, &status) == 0 && !S_ISDIR(status.st_mode);
    return lstat(path, &status) == 0 && !S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode) &&
           !S_ISLNK(status.st_mode);
}

/* Appends where a shell redirected /dev/stdout into a file, lest what stands there is overwritten.
 */
static bool write_into(const char *path, const void *bytes, size_t length, struct error *err) {
    int link = is_of_system(path) ? 0 : O_NOFOLLOW;
    AUTO_DESCRIPTOR int descriptor = open(path, O_WRONLY | O_APPEND | O_CLOEXEC | O_NOCTTY | link);
    return (descriptor >= 0 && write_all(descriptor, bytes, length)) || refuse_write(path, err);
}

bool file_append(const char *path, unsigned mode, int *out, struct error *err) {
    int link = is_of_system(path) ? 0 : O_NOFOLLOW;
    int descriptor =
        open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY | link, (mode_t)mode);
    if (descriptor < 0 && errno == ELOOP) {
        error_set(err, ERROR_IO, "cannot write '%s': it is a symbolic link", path);
        return error_hint(err, "name the file itself: ecmig does not write through symbolic links");
    }
    if (descriptor < 0)
        return refuse_write(path, err);
    *out = descriptor;
    return true;
}

/* A file of ours that is there keeps its mode: somebody asked for it. */
static mode_t mode_for(const char *path, unsigned mode) {
    struct stat status;
    bool ours = lstat(path, &status) == 0 && S_ISREG(status.st_mode) && status.st_uid == geteuid();
    return ours ? status.st_mode & 0777 : (mode_t)mode;
}

/* A new file beside it, of a name that nobody can guess and plant. */
static int create_beside(const char *path, unsigned mode, char **beside) {
    unsigned char random[4];
    mode_t wanted = mode_for(path, mode);
    random_bytes(random, sizeof random);
    *beside =
        xasprintf("%s.%02x%02x%02x%02x.new", path, random[0], random[1], random[2], random[3]);
    int descriptor = open(*beside, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, wanted);
    if (descriptor >= 0 && wanted != (mode_t)mode)
        (void)fchmod(descriptor, wanted);
    return descriptor;
}

bool file_write(const char *path, const void *bytes, size_t length, unsigned mode,
                struct error *err) {
    if (is_special(path))
        return write_into(path, bytes, length, err);
    AUTO(string_free) char *beside = NULL;
    AUTO_DESCRIPTOR int descriptor = create_beside(path, mode, &beside);
    if (descriptor < 0)
        return refuse_write(path, err);
    if (!write_all(descriptor, bytes, length) || fsync(descriptor) != 0 ||
        rename(beside, path) != 0) {
        (void)refuse_write(path, err);
        (void)unlink(beside);
        return false;
    }
    AUTO(string_free) char *folder = path_folder(path);
    AUTO_DESCRIPTOR int folder_descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder_descriptor < 0 || fsync(folder_descriptor) != 0)
        return error_set_errno(err, "cannot sync '%s'", folder);
    return true;
}

bool folder_make(const char *path, unsigned mode, struct error *err) {
    AUTO(string_free) char *partial = xstrdup(path);
    for (char *at = partial + 1; *path && *at; at++) {
        if (*at != '/')
            continue;
        *at = '\0';
        if (mkdir(partial, (mode_t)mode) != 0 && errno != EEXIST)
            return error_set_errno(err, "cannot make folder '%s'", partial);
        *at = '/';
    }
    if (mkdir(path, (mode_t)mode) != 0 && errno != EEXIST)
        return error_set_errno(err, "cannot make folder '%s'", path);
    struct stat status;
    if (stat(path, &status) != 0)
        return error_set_errno(err, "cannot read the attributes of '%s'", path);
    if (!S_ISDIR(status.st_mode))
        return error_set(err, ERROR_IO, "'%s' is not a folder", path);
    return true;
}

char *path_join(const char *folder, const char *name) {
    size_t length = strlen(folder);
    return xasprintf("%s%s%s", folder, length && folder[length - 1] == '/' ? "" : "/", name);
}

char *path_folder(const char *path) {
    const char *slash = strrchr(path, '/');
    if (!slash)
        return xstrdup(".");
    return slash == path ? xstrdup("/") : xstrndup(path, (size_t)(slash - path));
}

bool path_exists(const char *path) {
    struct stat status;
    return lstat(path, &status) == 0 || (errno != ENOENT && errno != ENOTDIR);
}

bool path_absolute(const char *path, char **out, struct error *err) {
    if (path[0] == '/') {
        *out = xstrdup(path);
        return true;
    }
    char here[PATH_MAX];
    if (!getcwd(here, sizeof here))
        return error_set_errno(err, "cannot determine the working directory");
    while (strncmp(path, "./", 2) == 0)
        path += 2;
    *out = path_join(here, path);
    return true;
}
