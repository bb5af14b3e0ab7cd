#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "executor/record/inside.h"
#include "schemas/base/clock.h"
#include "schemas/base/files.h"
#include "schemas/base/memory.h"
#include "schemas/base/text.h"

#define HOLDER_CEILING_BYTES 256
#define HOLDER_WAIT_MS 100
#define LOOKERS_WAIT_MS 20

/* File systems on which flock may not reach, or may be lost by, the other side. */
static bool is_local(int fd) {
    static const unsigned long elsewhere[] = {
        0x6969,     /* NFS */
        0x517b,     /* SMB */
        0xff534d42, /* CIFS */
        0xfe534d42, /* SMB2 */
        0x65735546, /* FUSE */
        0x01021997, /* 9P */
        0x00c36400, /* Ceph */
        0x5346414f, /* AFS */
        0x01161970, /* GFS2 */
        0x7461636f, /* OCFS2 */
        0x0bd00bd0, /* Lustre */
    };
    struct statfs status;
    if (fstatfs(fd, &status) < 0)
        return false;
    for (size_t i = 0; i < COUNT(elsewhere); i++) {
        if (((unsigned long)status.f_type & 0xffffffff) == elsewhere[i])
            return false;
    }
    return true;
}

/* Empty where it cannot be told; an empty boot id equals nothing. */
static void identify(int fd, struct lock_machine *out) {
    struct error err = { 0 };
    struct stat status;
    AUTO(text_clear) struct text boot = { 0 };
    if (is_local(fd) && fstat(fd, &status) == 0 &&
        file_read("/proc/sys/kernel/random/boot_id", 64, &boot, &err)) {
        out->boot_id = xstrndup(text_string(&boot), strcspn(text_string(&boot), "\n"));
        out->device = (int64_t)status.st_dev;
        out->inode = (int64_t)status.st_ino;
    } else {
        out->boot_id = xstrdup("");
    }
    error_clear(&err);
}

/* It is written a moment after the lock is taken. */
static char *read_holder(int fd) {
    char words[HOLDER_CEILING_BYTES + 1];
    int64_t deadline_mono_ms = clock_mono_ms() + HOLDER_WAIT_MS;
    for (;;) {
        ssize_t length = pread(fd, words, HOLDER_CEILING_BYTES, 0);
        if (length > 0)
            return xstrndup(words, (size_t)length);
        if (length < 0 || clock_mono_ms() >= deadline_mono_ms)
            return NULL;
        clock_sleep_ms(1);
    }
}

/* Those who only look hold it for a moment (machine_lock_left). */
static bool take_file(int fd) {
    for (int i = 0; i < LOOKERS_WAIT_MS; i++) {
        if (flock(fd, LOCK_EX | LOCK_NB) == 0)
            return true;
        if (errno != EWOULDBLOCK)
            return false;
        clock_sleep_ms(1);
    }
    return flock(fd, LOCK_EX | LOCK_NB) == 0;
}

bool machine_lock_open(const char *path, const char *holder, struct machine_lock *out, char **other,
                       struct error *err) {
    int fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return error_set_errno(err, "'%s'", path);
    if (!take_file(fd)) {
        bool busy = errno == EWOULDBLOCK;
        if (busy)
            *other = read_holder(fd);
        else
            error_set_errno(err, "'%s'", path);
        close(fd);
        return busy ? error_set(err, ERROR_LOCKED, "another process has '%s'", path) : false;
    }
    /* Only for the message above; that it may fail on a full disk does not matter here. */
    size_t length = strnlen(holder, HOLDER_CEILING_BYTES);
    if (ftruncate(fd, 0) < 0 || pwrite(fd, holder, length, 0) < 0)
        errno = 0;
    out->fd = fd;
    identify(fd, &out->identity);
    return true;
}

void machine_lock_close(struct machine_lock *lock) {
    if (lock->fd >= 0) {
        if (ftruncate(lock->fd, 0) < 0)
            errno = 0;
        close(lock->fd);
    }
    lock->fd = -1;
    free(lock->identity.boot_id);
    lock->identity = (struct lock_machine){ 0 };
}

bool machine_lock_left(const char *path, const struct lock_machine *theirs) {
    struct machine_lock seen = { .fd = open(path, O_RDONLY | O_CLOEXEC) };
    if (seen.fd < 0)
        return false;
    identify(seen.fd, &seen.identity);
    bool left = machine_lock_same(&seen, theirs) && flock(seen.fd, LOCK_SH | LOCK_NB) == 0;
    close(seen.fd);
    free(seen.identity.boot_id);
    return left;
}

bool machine_lock_same(const struct machine_lock *ours, const struct lock_machine *theirs) {
    const char *boot = ours->identity.boot_id;
    return ours->fd >= 0 && boot && *boot && theirs->boot_id &&
           strcmp(boot, theirs->boot_id) == 0 && ours->identity.device == theirs->device &&
           ours->identity.inode == theirs->inode;
}
