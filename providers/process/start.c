#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "providers/process/child.h"
#include "providers/process/supervise.h"
#include "schemas/base/memory.h"

#define FAILURE_FD 3 /* in the child: says why it could not become the program */

/* All that the child needs, made before the fork: after it nothing may allocate. */
struct start {
    char **argv, **envp;
    const char *folder;
    bool with_errors;
    int input_fd, output_fd, failure_fd; /* the child's ends */
    int output_from, failure_from;       /* ours */
    pid_t parent;
};

static void close_fd(int *fd) {
    if (*fd > 0)
        (void)close(*fd);
    *fd = 0;
}

static void start_clear(struct start *start) {
    free(start->argv);
    free(start->envp);
    close_fd(&start->input_fd);
    close_fd(&start->output_fd);
    close_fd(&start->failure_fd);
    close_fd(&start->output_from);
    close_fd(&start->failure_from);
}
AUTO_VALUE(struct start, start_clear)

static bool names_same(const char *one, const char *two) {
    size_t length = strcspn(one, "=");
    return strncmp(one, two, length) == 0 && two[length] == '=';
}

static bool is_replaced(const char *entry, const struct strings *added) {
    for (size_t i = 0; added && i < added->count; i++)
        if (names_same(added->items[i], entry))
            return true;
    return false;
}

static bool is_withheld(const char *entry, const struct strings *withheld) {
    AUTO(string_free) char *name = xstrndup(entry, strcspn(entry, "="));
    return withheld && strings_has(withheld, name);
}

static char **environment_with(const struct strings *added, const struct strings *withheld) {
    size_t count = added ? added->count : 0, ours = 0;
    while (environ[ours])
        ours++;
    char **merged = xcalloc(ours + count + 1, sizeof *merged);
    size_t at = 0;
    for (size_t i = 0; i < ours; i++)
        if (!is_replaced(environ[i], added) && !is_withheld(environ[i], withheld))
            merged[at++] = environ[i];
    for (size_t i = 0; i < count; i++)
        merged[at++] = added->items[i];
    return merged;
}

/* In memory, not a pipe: nobody has to feed it while the program runs. */
static bool make_input(const struct process_options *options, struct start *start,
                       struct error *err) {
    const char *bytes = options->input;
    start->input_fd =
        bytes ? memfd_create("input", MFD_CLOEXEC) : open("/dev/null", O_RDWR | O_CLOEXEC);
    if (start->input_fd < 0)
        return error_set_errno(err, bytes ? "cannot save the input of a program"
                                          : "cannot open '/dev/null'");
    for (size_t done = 0; bytes && done < options->input_length;) {
        ssize_t count = write(start->input_fd, bytes + done, options->input_length - done);
        if (count < 0 && errno != EINTR)
            return error_set_errno(err, "cannot save the input of a program");
        done += count > 0 ? (size_t)count : 0;
    }
    return !bytes || lseek(start->input_fd, 0, SEEK_SET) == 0 ||
           error_set_errno(err, "cannot save the input of a program");
}

static bool make_pipes(struct start *start, struct error *err) {
    int output[2], failure[2];
    if (pipe2(output, O_CLOEXEC) != 0)
        return error_set_errno(err, "cannot create a pipe");
    start->output_from = output[0];
    start->output_fd = output[1];
    if (pipe2(failure, O_CLOEXEC) != 0)
        return error_set_errno(err, "cannot create a pipe");
    start->failure_from = failure[0];
    start->failure_fd = failure[1];
    return fcntl(start->output_from, F_SETFL, O_NONBLOCK) == 0 ||
           error_set_errno(err, "cannot create a pipe");
}

/* A copy of fd above the numbers that are about to be overwritten. */
static int lift(int fd) {
    return fcntl(fd, F_DUPFD_CLOEXEC, 16);
}

static bool wire(const struct start *start) {
    int input = lift(start->input_fd), output = lift(start->output_fd);
    int failure = lift(start->failure_fd);
    if (input < 0 || output < 0 || failure < 0 || dup2(input, 0) < 0 || dup2(output, 1) < 0)
        return false;
    if (start->with_errors && dup2(output, 2) < 0)
        return false;
    if (dup3(failure, FAILURE_FD, O_CLOEXEC) < 0)
        return false;
    /* Ours are close-on-exec; what a library or our own parent left open is not. */
    (void)close_range(FAILURE_FD + 1, ~0U, 0);
    return true;
}

static void reset_signals(void) {
    sigset_t none;
    (void)sigemptyset(&none);
    for (int number = 1; number < NSIG; number++)
        (void)signal(number, SIG_DFL);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
}

static void become(const void *context) {
    const struct start *start = context;
    int failure_fd = start->failure_fd;
    (void)setpgid(0, 0);
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != start->parent)
        _exit(127);
    if (wire(start)) {
        failure_fd = FAILURE_FD;
        reset_signals();
        if (!start->folder || chdir(start->folder) == 0)
            (void)execvpe(start->argv[0], start->argv, start->envp);
    }
    int reason = errno;
    (void)!write(failure_fd, &reason, sizeof reason);
    _exit(127);
}

/* In a group of its own, so that no signal of a terminal gets there. */
__attribute__((noreturn)) static void be_supervisor(struct start *start) {
    (void)setpgid(0, 0);
    (void)prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != start->parent)
        _exit(127);
    start->parent = getpid();
    supervise(become, start, start->failure_fd);
}

/* 0 once the program runs, else errno of what kept it from. The pipe closes with exec. */
static int failure_of(struct start *start) {
    close_fd(&start->failure_fd);
    int reason = 0;
    ssize_t got;
    do
        got = read(start->failure_from, &reason, sizeof reason);
    while (got < 0 && errno == EINTR);
    return got == (ssize_t)sizeof reason ? reason : 0;
}

static bool not_started(const struct process_options *options, int reason, struct error *err) {
    if (options->folder && access(options->folder, X_OK) != 0) {
        error_set_errno(err, "cannot run '%s' in the folder '%s'", options->command->items[0],
                        options->folder);
        return error_hint(err,
                          "allow the user that runs ecmig (id %ld) to enter the folder of the "
                          "migration file",
                          (long)geteuid());
    }
    bool absent = reason == ENOENT || reason == ENOTDIR;
    error_set(err, absent ? ERROR_NOT_FOUND : ERROR_IO, "cannot run '%s': %s",
              options->command->items[0], absent ? "no such program" : strerror(reason));
    return error_hint(err, absent ? "relative paths start at the folder of the migration file, and "
                                    "the interpreter named in its first line must exist"
                                  : "check that the file is executable and has an interpreter");
}

bool child_start(const struct process_options *options, bool with_errors, struct child *child,
                 struct error *err) {
    if (!options->command || options->command->count == 0)
        return error_set(err, ERROR_CONFIG, "no program is named");
    const struct strings *command = options->command;
    AUTO(start_clear)
    struct start start = { .folder = options->folder,
                           .with_errors = with_errors,
                           .parent = getpid() };
    start.argv = xcalloc(command->count + 1, sizeof *start.argv);
    memcpy(start.argv, command->items, command->count * sizeof *start.argv);
    start.envp = environment_with(options->environment, options->withheld);
    if (!make_pipes(&start, err) || !make_input(options, &start, err))
        return false;
    pid_t pid = fork();
    if (pid < 0)
        return error_set_errno(err, "cannot start a process");
    if (pid == 0)
        be_supervisor(&start);
    (void)setpgid(pid, pid); /* the child does it too: the first one wins */
    child->pid = pid;
    child->running = true;
    child->pid_fd = (int)syscall(SYS_pidfd_open, pid, 0);
    child->output_fd = start.output_from;
    start.output_from = 0;
    close_fd(&start.output_fd);
    int reason = failure_of(&start);
    return reason == 0 || not_started(options, reason, err);
}
