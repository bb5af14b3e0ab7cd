#include "providers/process/resident.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "schemas/base/clock.h"
#include "schemas/base/files.h"
#include "schemas/base/memory.h"
#include "schemas/base/text.h"

#define OUTPUT_CEILING_BYTES 4096
#define OUTPUT_DEADLINE_MS 5000

/* Start time in clock ticks since boot, field 22 of /proc/PID/stat; 0 for no such process, and for
 * a zombie, which is as good as gone. */
static long long start_ticks(pid_t pid) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%ld/stat", (long)pid);
    AUTO(text_clear) struct text stat = { 0 };
    AUTO(error_clear) struct error ignored = { 0 };
    if (!file_read(path, 4096, &stat, &ignored))
        return 0;
    const char *at = strrchr(text_string(&stat), ')');
    char status = 0;
    long long ticks = 0;
    if (!at || sscanf(at + 1,
                      " %c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d "
                      "%*d %lld",
                      &status, &ticks) != 2)
        return 0;
    return status == 'Z' || status == 'X' ? 0 : ticks;
}

/* Which folder it is, so that a copy of a pid file elsewhere names nobody. */
static bool folder_of(const char *pid_file, struct stat *out) {
    AUTO(string_free) char *folder = path_folder(pid_file);
    return stat(folder, out) == 0;
}

pid_t resident_find(const char *pid_file) {
    AUTO(text_clear) struct text bytes = { 0 };
    AUTO(error_clear) struct error ignored = { 0 };
    struct stat folder;
    long pid = 0;
    long long ticks = 0;
    unsigned long long device = 0, inode = 0;
    if (!file_read(pid_file, 128, &bytes, &ignored) || !folder_of(pid_file, &folder) ||
        sscanf(text_string(&bytes), "%ld %lld %llu %llu", &pid, &ticks, &device, &inode) != 4 ||
        pid <= 1 || device != folder.st_dev || inode != folder.st_ino)
        return 0;
    return start_ticks((pid_t)pid) == ticks ? (pid_t)pid : 0;
}

static bool write_pid(const char *pid_file, pid_t pid, struct error *err) {
    char line[128];
    struct stat folder;
    if (!folder_of(pid_file, &folder))
        return error_set_errno(err, "cannot look at the folder of '%s'", pid_file);
    int length = snprintf(line, sizeof line, "%ld %lld %llu %llu\n", (long)pid, start_ticks(pid),
                          (unsigned long long)folder.st_dev, (unsigned long long)folder.st_ino);
    return file_write(pid_file, line, (size_t)length, 0600, err);
}

/* Leaves exactly keep_fd and ready_fd open, as 3 and on. */
static void keep_only(int keep_fd, int ready_fd) {
    int kept[2] = { keep_fd, ready_fd }, at = 3;
    for (int i = 0; i < 2; i++)
        kept[i] = kept[i] < 0 ? -1 : fcntl(kept[i], F_DUPFD, 10);
    for (int i = 0; i < 2; i++)
        if (kept[i] >= 0)
            dup2(kept[i], at++);
    close_range((unsigned)at, ~0U, 0);
}

/* Between fork and exec: only what is safe there when words are given. */
static void become(const struct resident_options *options, int go_fd, int log_fd, int null_fd) {
    char go = 0;
    setsid();
    if (read(go_fd, &go, 1) != 1)
        _exit(127);
    signal(SIGCHLD, SIG_DFL);
    signal(SIGPIPE, SIG_DFL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    dup2(null_fd, 0);
    dup2(log_fd, 1);
    dup2(log_fd, 2);
    keep_only(options->keep_fd, options->ready_fd);
    if (options->words) {
        execvp(options->words[0], (char *const *)(uintptr_t)options->words);
        _exit(127);
    }
    _exit(options->run(options->argument));
}

bool resident_start(const struct resident_options *options, struct error *err) {
    int go[2];
    int log_fd =
        open(options->log_file, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (log_fd < 0)
        return error_set_errno(err, "cannot open '%s'", options->log_file);
    int null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (null_fd < 0 || pipe2(go, O_CLOEXEC) < 0) {
        close(log_fd);
        return error_set_errno(err, "cannot start a process");
    }
    pid_t pid = fork();
    if (pid == 0) {
        close(go[1]);
        become(options, go[0], log_fd, null_fd);
    }
    int fork_errno = errno;
    close(go[0]);
    close(log_fd);
    close(null_fd);
    errno = fork_errno;
    bool done = pid < 0 ? error_set_errno(err, "cannot start a process")
                        : write_pid(options->pid_file, pid, err);
    if (done && write(go[1], "g", 1) != 1)
        done = error_set_errno(err, "cannot start a process");
    close(go[1]);
    return done;
}

bool resident_wait(const char *pid_file, int64_t deadline_mono_ms) {
    while (resident_find(pid_file)) {
        if (!clock_left_ms(deadline_mono_ms))
            return false;
        waitpid(-1, NULL, WNOHANG);
        clock_sleep_ms(5);
    }
    return true;
}

bool resident_end(const char *pid_file, int64_t grace_ms) {
    pid_t pid = resident_find(pid_file);
    if (pid) {
        kill(pid, SIGTERM);
        kill(pid, SIGCONT);
        if (!resident_wait(pid_file, clock_mono_ms() + grace_ms)) {
            kill(pid, SIGKILL);
            resident_wait(pid_file, clock_mono_ms() + 5000);
        }
    }
    unlink(pid_file);
    return pid != 0;
}

static void read_some(int fd, struct text *out) {
    int64_t deadline = clock_mono_ms() + OUTPUT_DEADLINE_MS;
    char part[512];
    struct pollfd wait = { .fd = fd, .events = POLLIN };
    while (out->length < OUTPUT_CEILING_BYTES && poll(&wait, 1, clock_left_ms(deadline)) == 1) {
        ssize_t got = read(fd, part, sizeof part);
        if (got <= 0)
            return;
        text_add_bytes(out, part, (size_t)got);
    }
}

bool resident_output(const char *const *words, char **out, struct error *err) {
    int pipe_fds[2];
    if (pipe2(pipe_fds, O_CLOEXEC) < 0)
        return error_set_errno(err, "cannot start '%s'", words[0]);
    pid_t pid = fork();
    if (pid == 0) {
        dup2(pipe_fds[1], 1);
        close_range(3, ~0U, 0);
        execvp(words[0], (char *const *)(uintptr_t)words);
        _exit(127);
    }
    close(pipe_fds[1]);
    AUTO(text_clear) struct text bytes = { 0 };
    if (pid > 0) {
        read_some(pipe_fds[0], &bytes);
        kill(pid, SIGKILL);
        waitpid(pid, NULL, 0);
    }
    close(pipe_fds[0]);
    if (!bytes.length)
        return error_set(err, ERROR_NOT_FOUND, "'%s' does not run", words[0]);
    *out = text_take(&bytes);
    return true;
}
