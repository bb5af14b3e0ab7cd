#include "providers/process/supervise.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "schemas/base/clock.h"

#define END_WITHIN_MS 4000 /* of a program that starts new ones while it is ended */
#define STAT_BYTES 512     /* the parent's id is among the first fields of /proc/PID/stat */

static pid_t parent_of(const char *pid) {
    char path[64], stat[STAT_BYTES];
    (void)snprintf(path, sizeof path, "/proc/%.20s/stat", pid);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t length = file >= 0 ? read(file, stat, sizeof stat - 1) : -1;
    if (file >= 0)
        (void)close(file);
    if (length <= 0)
        return -1;
    stat[length] = '\0';
    /* The name before it may hold anything, also parentheses. */
    const char *at = strrchr(stat, ')');
    return at && strlen(at) > 4 ? (pid_t)strtol(at + 4, NULL, 10) : -1;
}

static void kill_children(void) {
    DIR *processes = opendir("/proc");
    for (struct dirent *entry = processes ? readdir(processes) : NULL; entry;
         entry = readdir(processes))
        if (isdigit((unsigned char)entry->d_name[0]) && parent_of(entry->d_name) == getpid())
            (void)kill((pid_t)strtol(entry->d_name, NULL, 10), SIGKILL);
    if (processes)
        (void)closedir(processes);
}

/* The children of a killed process fall to us, to be killed next: when we have none, none is left.
 */
static void end_all(pid_t program) {
    int64_t deadline_mono_ms = clock_mono_ms() + END_WITHIN_MS;
    (void)kill(-program, SIGKILL); /* also where there is no /proc */
    do {
        pid_t ended;
        kill_children();
        while ((ended = waitpid(-1, NULL, WNOHANG)) > 0) {
        }
        if (ended < 0 && errno == ECHILD)
            return;
        clock_sleep_ms(1);
    } while (clock_mono_ms() < deadline_mono_ms);
}

static int status_of(int status) {
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

void supervise(void (*become)(const void *context), const void *context, int failure_fd) {
    sigset_t all, awaited;
    (void)sigfillset(&all);
    (void)sigemptyset(&awaited);
    (void)sigaddset(&awaited, SIGCHLD);
    (void)sigaddset(&awaited, SIGTERM);
    (void)sigprocmask(SIG_SETMASK, &all, NULL);
    (void)signal(SIGCHLD, SIG_DFL);
    (void)prctl(PR_SET_CHILD_SUBREAPER, 1);
    pid_t program = fork();
    if (program == 0)
        become(context);
    if (program < 0) {
        int reason = errno;
        (void)!write(failure_fd, &reason, sizeof reason);
        _exit(127);
    }
    /* Ours, and those of locks, which would outlive us here. */
    (void)close_range(3, ~0U, 0);
    for (;;) {
        int status = 0;
        pid_t ended;
        while ((ended = waitpid(-1, &status, WNOHANG)) > 0)
            if (ended == program)
                _exit(status_of(status));
        if (sigwaitinfo(&awaited, NULL) != SIGTERM)
            continue;
        end_all(program);
        _exit(128 + SIGKILL);
    }
}
