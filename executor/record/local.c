#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "executor/record/inside.h"
#include "schemas/base/clock.h"
#include "schemas/base/files.h"
#include "schemas/base/memory.h"

#define LOCAL_CEILING_BYTES ((size_t)64 << 20)

static bool sync_folder(const char *path, struct error *err) {
    AUTO(string_free) char *folder = path_folder(path);
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool synced = fd >= 0 && fsync(fd) == 0;
    if (!synced)
        error_set_errno(err, "'%s'", folder);
    if (fd >= 0)
        close(fd);
    return synced;
}

bool local_journal_open(const char *path, struct local_journal *out, struct error *err) {
    int fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return error_set_errno(err, "'%s'", path);
    if (!sync_folder(path, err)) {
        close(fd);
        return false;
    }
    out->fd = fd;
    out->path = xstrdup(path);
    return true;
}

bool local_journal_read(const struct local_journal *local, struct journal_entries *out,
                        struct error *err) {
    AUTO(text_clear) struct text all = { 0 };
    if (!file_read(local->path, LOCAL_CEILING_BYTES, &all, err))
        return false;
    const char *line = text_string(&all);
    for (const char *end = strchr(line, '\n'); end; line = end + 1, end = strchr(line, '\n')) {
        AUTO(error_clear) struct error torn = { 0 };
        struct journal_entry entry = { 0 };
        if (!journal_parse(line, (size_t)(end - line), local->path, &entry, &torn))
            return true;
        *LIST_ADD(out) = entry;
    }
    return true;
}

bool local_journal_append(struct local_journal *local, const char *line, struct error *err) {
    AUTO(string_free) char *bytes = xasprintf("%s\n", line);
    size_t length = strlen(bytes);
    off_t before = lseek(local->fd, 0, SEEK_END);
    ssize_t written = before < 0 ? -1 : write(local->fd, bytes, length);
    if (written == (ssize_t)length)
        return true;
    if (written >= 0)
        errno = ENOSPC;
    error_set_errno(err, "'%s'", local->path);
    if (before >= 0 && ftruncate(local->fd, before) < 0)
        error_hint(err, "remove the incomplete last line of the file");
    return false;
}

bool local_journal_sync(struct local_journal *local, struct error *err) {
    return fdatasync(local->fd) == 0 || error_set_errno(err, "'%s'", local->path);
}

void local_journal_drop_last(struct local_journal *local, const char *line) {
    off_t end = lseek(local->fd, 0, SEEK_END);
    /* A line that stays does not follow from the state, and is set aside by the next resume. */
    if (end < 0 || ftruncate(local->fd, end - (off_t)strlen(line) - 1) < 0)
        errno = 0;
}

void local_journal_empty(struct local_journal *local) {
    /* What stays is known by its seq and skipped, so that this may fail. */
    if (local->fd >= 0 && ftruncate(local->fd, 0) < 0)
        errno = 0;
}

bool local_journal_set_aside(struct local_journal *local, struct error *err) {
    AUTO(string_free) char *aside = xasprintf("%s.%" PRId64, local->path, clock_wall_ms());
    AUTO(string_free) char *path = xstrdup(local->path);
    if (rename(path, aside) < 0)
        return error_set_errno(err, "'%s'", path);
    local_journal_close(local);
    return local_journal_open(path, local, err);
}

void local_journal_close(struct local_journal *local) {
    if (local->fd >= 0)
        close(local->fd);
    local->fd = -1;
    string_replace(&local->path, NULL);
}
