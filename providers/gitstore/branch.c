/* The branch is moved by one process of this machine at a time: each takes its turn. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "providers/gitstore/store.h"
#include "schemas/base/clock.h"
#include "schemas/base/files.h"

#define TURN_WAIT_MS 2000
#define LOCKED_WAIT_MS 2000
#define FULL_BELOW_BYTES ((unsigned long)16 << 10)
#define TURN_TAKEN '1'
#define TURN_LEFT_BEHIND '2' /* the work tree is not at the tip */

bool store_turn_take(struct gitstore *store, struct store_turn *out, struct error *err) {
    AUTO(string_free) char *folder = NULL;
    if (!gitstore_private_folder(store, &folder, err))
        return false;
    AUTO(string_free) char *path = path_join(folder, "turn");
    AUTO(store_turn_close) struct store_turn turn = { .fd = -1 };
    int fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return error_set_errno(err, "'%s'", path);
    int64_t deadline_mono_ms = clock_mono_ms() + TURN_WAIT_MS;
    while (flock(fd, LOCK_EX | LOCK_NB) < 0) {
        if (clock_mono_ms() >= deadline_mono_ms) {
            close(fd);
            *out = (struct store_turn){ .fd = -1 };
            return true;
        }
        clock_sleep_ms(1);
    }
    turn.fd = fd;
    char mark = '\0';
    bool marked = pread(fd, &mark, 1, 0) == 1;
    turn.orphaned = marked && mark != TURN_LEFT_BEHIND;
    turn.behind = marked;
    if (!turn.orphaned && pwrite(fd, &(char){ TURN_TAKEN }, 1, 0) != 1)
        return error_set_errno(err, "'%s'", path);
    *out = turn;
    turn.fd = -1;
    return true;
}

void store_turn_close(struct store_turn *turn) {
    if (turn->fd < 0)
        return;
    /* An empty file says that the turn ended well; should that fail, the next one tidies up. */
    if (turn->behind ? pwrite(turn->fd, &(char){ TURN_LEFT_BEHIND }, 1, 0) != 1
                     : ftruncate(turn->fd, 0) < 0)
        turn->orphaned = true;
    close(turn->fd);
    turn->fd = -1;
}

/* The process before us died in its turn: what it held of git's locks would block everybody. */
void store_remove_lock_files(struct gitstore *store) {
    const char *common = git_repository_commondir(store->git);
    AUTO(string_free) char *reference = xasprintf("%s%s.lock", common, store->reference);
    AUTO(string_free) char *head = xasprintf("%sHEAD.lock", git_repository_path(store->git));
    AUTO(string_free) char *index = xasprintf("%sindex.lock", git_repository_path(store->git));
    unlink(reference);
    unlink(head);
    unlink(index);
}

/* libgit2 does not always say that an object found no room. */
static bool disk_is_full(const struct gitstore *store) {
    struct statvfs room;
    return statvfs(store->path, &room) == 0 &&
           (room.f_bavail * room.f_frsize < FULL_BELOW_BYTES || room.f_favail == 0);
}

bool store_move_branch(struct gitstore *store, const git_oid *from, const git_oid *to,
                       const char *message, struct error *err) {
    int64_t deadline_mono_ms = clock_mono_ms() + LOCKED_WAIT_MS;
    AUTO(git_reference_free) git_reference *moved = NULL;
    const char *end = strchr(message, '\n');
    AUTO(string_free)
    char *subject = xstrndup(message, end ? (size_t)(end - message) : strlen(message));
    for (;;) {
        errno = 0;
        int code = git_reference_create_matching(&moved, store->git, store->reference, to, 1, from,
                                                 subject);
        if (code == 0)
            return true;
        if (code == GIT_EMODIFIED || code == GIT_EEXISTS || code == GIT_ENOTFOUND)
            return error_set(err, ERROR_CONFLICT, "branch '%s' of the state changed meanwhile",
                             store->branch);
        if (code != GIT_ELOCKED || clock_mono_ms() >= deadline_mono_ms) {
            if (disk_is_full(store))
                errno = ENOSPC;
            store_failed(err, "branch '%s' cannot be updated", store->branch);
            if (code == GIT_ELOCKED)
                error_hint(err, "remove %s%s.lock if no git process is running there",
                           git_repository_commondir(store->git), store->reference);
            return false;
        }
        clock_sleep_ms(2);
    }
}
