/* ssh as git has it: through the ssh program, so that ~/.ssh/config, known_hosts, agents and every
 * kind of key hold here as well. (libgit2 1.5 with libssh2 1.10 of Debian 12 knows neither of the
 * first, and signs with no RSA key that a present-day sshd accepts.) It never asks: what would be a
 * question is a refusal. */
#include <errno.h>
#include <fcntl.h>
#include <git2/sys/transport.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "providers/gitstore/address.h"
#include "providers/gitstore/transfer.h"
#include "schemas/base/clock.h"
#include "schemas/base/files.h"
#include "schemas/base/text.h"

#define SAID_MAX_BYTES 4096
#define SAYING_MS 1000 /* for the last words of one that ended */
#define ARGUMENTS_MAX 20

/* Reading and writing wait no longer than the whole transfer may take, which its parent ends. */
#define SILENCE_MS TRANSFER_MS

struct ssh {
    git_smart_subtransport_stream stream; /* first: libgit2 hands it back */
    pid_t pid;
    int to, from, said_from; /* its stdin, stdout and stderr; -1: closed */
    char said[SAID_MAX_BYTES];
    size_t said_count;
};

struct subtransport {
    git_smart_subtransport parent; /* first, as above */
    struct transfer *transfer;
};

static void close_end(int *fd) {
    if (*fd >= 0)
        (void)close(*fd);
    *fd = -1;
}

void ssh_close(struct ssh *ssh) {
    if (!ssh)
        return;
    close_end(&ssh->to);
    close_end(&ssh->from);
    close_end(&ssh->said_from);
    if (ssh->pid > 0) {
        (void)kill(ssh->pid, SIGKILL);
        while (waitpid(ssh->pid, NULL, 0) < 0 && errno == EINTR) {
        }
    }
    free(ssh);
}

/* The end of what it says is kept: the reason comes last. */
static void listen_to(struct ssh *ssh) {
    char words[512];
    ssize_t length = read(ssh->said_from, words, sizeof words);
    if (length <= 0) {
        close_end(&ssh->said_from);
        return;
    }
    size_t count = (size_t)length, kept = ssh->said_count;
    if (kept + count > sizeof ssh->said) {
        size_t drop = kept + count - sizeof ssh->said;
        memmove(ssh->said, ssh->said + drop, kept - drop);
        kept -= drop;
    }
    memcpy(ssh->said + kept, words, count);
    ssh->said_count = kept + count;
}

/* Until fd is ready, hearing what is said meanwhile. fd -1: until it has nothing more to say. */
static bool wait_for(struct ssh *ssh, int fd, short events, int64_t wait_ms) {
    int64_t deadline_mono_ms = clock_mono_ms() + wait_ms;
    while (fd >= 0 || ssh->said_from >= 0) {
        struct pollfd ends[] = {
            { .fd = fd, .events = events },
            { .fd = ssh->said_from, .events = POLLIN },
        };
        int ready = poll(ends, COUNT(ends), clock_left_ms(deadline_mono_ms));
        if (ready == 0 || (ready < 0 && errno != EINTR))
            return false;
        if (ready > 0 && ends[1].revents)
            listen_to(ssh);
        if (ready > 0 && ends[0].revents)
            return true;
    }
    return true;
}

static int ended(struct ssh *ssh, const char *what) {
    (void)wait_for(ssh, -1, 0, SAYING_MS);
    git_error_set_str(GIT_ERROR_SSH, what);
    return GIT_ERROR;
}

static int read_some(git_smart_subtransport_stream *stream, char *bytes, size_t size,
                     size_t *length) {
    struct ssh *ssh = (struct ssh *)stream;
    ssize_t got = -1;
    if (!wait_for(ssh, ssh->from, POLLIN, SILENCE_MS))
        return ended(ssh, "ssh does not answer");
    do
        got = read(ssh->from, bytes, size);
    while (got < 0 && errno == EINTR);
    if (got <= 0)
        return ended(ssh, "ssh ended early");
    *length = (size_t)got;
    return 0;
}

static int write_all(git_smart_subtransport_stream *stream, const char *bytes, size_t length) {
    struct ssh *ssh = (struct ssh *)stream;
    while (length > 0) {
        if (!wait_for(ssh, ssh->to, POLLOUT, SILENCE_MS))
            return ended(ssh, "ssh no longer accepts input");
        ssize_t put = write(ssh->to, bytes, length);
        if (put < 0 && errno != EINTR && errno != EAGAIN)
            return ended(ssh, "ssh ended early");
        if (put > 0) {
            bytes += put;
            length -= (size_t)put;
        }
    }
    return 0;
}

/* The transfer keeps it to the end, for what it said. */
static void free_stream(git_smart_subtransport_stream *stream) {
    struct ssh *ssh = (struct ssh *)stream;
    close_end(&ssh->to);
}

/* For the shell on the other side. */
static char *quoted(const char *program, const char *path) {
    struct text command;
    text_init(&command, 8 * strlen(path) + 64);
    text_addf(&command, "%s '", program);
    for (; *path; path++)
        text_addf(&command, *path == '\'' || *path == '!' ? "'\\%c'" : "%c", *path);
    text_add(&command, "'");
    return text_take(&command);
}

/* Words of ssh's command line; all but `command` live as long as the address and environment. */
static void arguments(const struct ssh_address *address, char *port, char *command,
                      const char *words[ARGUMENTS_MAX]) {
    const char *key = getenv("ECMIG_GIT_SSH_KEY"), *given = getenv("GIT_SSH_COMMAND");
    size_t count = 0;
    if (given && *given) { /* words for a shell, as git has it */
        words[count++] = "sh";
        words[count++] = "-c";
        words[count++] = "eval \"exec $GIT_SSH_COMMAND \\\"\\$@\\\"\"";
    }
    words[count++] = "ssh";
    words[count++] = "-oBatchMode=yes";
    words[count++] = "-oConnectTimeout=15";
    words[count++] = "-oClearAllForwardings=yes";
    if (key && *key) {
        words[count++] = "-oIdentitiesOnly=yes";
        words[count++] = "-i";
        words[count++] = key;
    }
    if (address->port > 0) {
        words[count++] = "-p";
        words[count++] = port;
    }
    if (address->user) {
        words[count++] = "-l";
        words[count++] = address->user;
    }
    words[count++] = "--";
    words[count++] = address->host;
    words[count++] = command;
    words[count] = NULL;
}

static void run(const char *const words[ARGUMENTS_MAX], pid_t parent, int in, int out, int said) {
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent || dup2(in, 0) < 0 || dup2(out, 1) < 0 || dup2(said, 2) < 0)
        _exit(1);
    (void)signal(SIGPIPE, SIG_DFL);
    (void)execvp(words[0], (char *const *)words);
    static const char failed[] = "cannot run the ssh program\n";
    _exit(write(2, failed, sizeof failed - 1) < 0 ? 126 : 127);
}

static bool pipes(int ends[3][2]) {
    for (size_t i = 0; i < 3; i++)
        if (pipe2(ends[i], O_CLOEXEC) < 0)
            return false;
    return true;
}

static struct ssh *start(const char *const words[ARGUMENTS_MAX]) {
    int ends[3][2] = { { -1, -1 }, { -1, -1 }, { -1, -1 } };
    pid_t parent = getpid(), pid = pipes(ends) ? fork() : -1;
    if (pid == 0)
        run(words, parent, ends[0][0], ends[1][1], ends[2][1]);
    close_end(&ends[0][0]);
    close_end(&ends[1][1]);
    close_end(&ends[2][1]);
    struct ssh *ssh = xcalloc(1, sizeof *ssh);
    *ssh = (struct ssh){ .pid = pid, .to = ends[0][1], .from = ends[1][0] };
    ssh->said_from = ends[2][0];
    ssh->stream.read = read_some;
    ssh->stream.write = write_all;
    ssh->stream.free = free_stream;
    /* A pipe that takes a part only must not stop us: it is waited for with a deadline. */
    if (pid > 0 && fcntl(ssh->to, F_SETFL, O_NONBLOCK) == 0)
        return ssh;
    ssh_close(ssh);
    return NULL;
}

static int deny(struct transfer *transfer, struct error *err) {
    error_move(&transfer->denied, err);
    return GIT_EUSER;
}

static int act(git_smart_subtransport_stream **out, git_smart_subtransport *parent, const char *url,
               git_smart_service_t action) {
    struct transfer *transfer = ((struct subtransport *)parent)->transfer;
    AUTO(ssh_address_clear) struct ssh_address address = { 0 };
    AUTO(error_clear) struct error err = { 0 };
    const char *key = getenv("ECMIG_GIT_SSH_KEY");
    if (action == GIT_SERVICE_UPLOADPACK || action == GIT_SERVICE_RECEIVEPACK) {
        *out = &transfer->ssh->stream;
        return 0;
    }
    if (!ssh_address_parse(url, &address, &err))
        return deny(transfer, &err);
    if (key && *key && access(key, R_OK) < 0) {
        error_set_errno(&err, "the key file '%s' of ECMIG_GIT_SSH_KEY", key);
        err.code = ERROR_CREDENTIALS;
        return deny(transfer, &err);
    }
    bool reading = action == GIT_SERVICE_UPLOADPACK_LS;
    AUTO(string_free)
    char *command = quoted(reading ? "git-upload-pack" : "git-receive-pack", address.path);
    AUTO(string_free) char *port = xasprintf("%d", (int)address.port);
    const char *words[ARGUMENTS_MAX];
    arguments(&address, port, command, words);
    ssh_close(transfer->ssh);
    transfer->ssh = start(words);
    if (!transfer->ssh) {
        error_set_errno(&err, "cannot start ssh");
        return deny(transfer, &err);
    }
    transfer->ssh->stream.subtransport = parent;
    *out = &transfer->ssh->stream;
    return 0;
}

static int close_nothing(git_smart_subtransport *parent) {
    (void)parent;
    return 0;
}

static void free_subtransport(git_smart_subtransport *parent) {
    free(parent);
}

static int new_subtransport(git_smart_subtransport **out, git_transport *owner, void *context) {
    struct subtransport *transport = xcalloc(1, sizeof *transport);
    (void)owner;
    transport->parent.action = act;
    transport->parent.close = close_nothing;
    transport->parent.free = free_subtransport;
    transport->transfer = context;
    *out = &transport->parent;
    return 0;
}

int transfer_transport(git_transport **out, git_remote *owner, void *context) {
    struct transfer *transfer = context;
    const char *url = transfer->store->url;
    git_smart_subtransport_definition definition = { .callback = new_subtransport };
    definition.param = context;
    if (strncmp(url, "ssh://", 6) == 0 || !strstr(url, "://"))
        return git_transport_smart(out, owner, &definition);
    return git_transport_new(out, owner, url);
}

struct ssh_words {
    const char *pattern;
    enum error_code code;
    const char *message, *hint;
};
#define SSH_WORDS(pattern, error, message, hint) { pattern, ERROR_##error, message, hint },
static const struct ssh_words rows[] = {
#include "providers/gitstore/ssh_words.def"
};
#undef SSH_WORDS

/* The line around what was found; control characters of the other side are not passed on. */
static char *line_at(const char *said, const char *found) {
    const char *begin = found;
    while (begin > said && begin[-1] != '\n')
        begin--;
    char *line = xstrndup(begin, strcspn(begin, "\r\n"));
    for (char *at = line; *at; at++)
        if ((unsigned char)*at < 0x20 || *at == 0x7f)
            *at = '?';
    return line;
}

static char *ssh_target(const char *url) {
    AUTO(ssh_address_clear) struct ssh_address address = { 0 };
    AUTO(error_clear) struct error err = { 0 };
    if (!ssh_address_parse(url, &address, &err))
        return xstrdup("HOST");
    AUTO(string_free) char *port = xasprintf("-p %d ", (int)address.port);
    return xasprintf("%s%s%s%s", address.port ? port : "", address.user ? address.user : "",
                     address.user ? "@" : "", address.host);
}

static bool explain(const struct ssh_words *row, const char *line, const char *url,
                    struct error *err) {
    AUTO(string_free) char *target = ssh_target(url);
    const char *mark = strstr(row->hint, "%s");
    error_set(err, row->code, "%s", *row->message ? row->message : line);
    if (mark)
        error_hint(err, "%.*s%s%s", (int)(mark - row->hint), row->hint, target, mark + 2);
    else if (*row->hint)
        error_hint(err, "%s", row->hint);
    return true;
}

bool ssh_explains(struct transfer *transfer, struct error *err) {
    const struct ssh *ssh = transfer->ssh;
    if (!ssh || !ssh->said_count)
        return false;
    AUTO(string_free) char *said = xstrndup(ssh->said, ssh->said_count);
    for (size_t i = 0; i < COUNT(rows); i++) {
        const char *found = strstr(said, rows[i].pattern);
        if (!found)
            continue;
        AUTO(string_free) char *line = line_at(said, found);
        return explain(&rows[i], line, transfer->store->url, err);
    }
    return false;
}
