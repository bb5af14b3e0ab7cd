#include "providers/gitstore/transfer.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "schemas/base/clock.h"

#define FETCH_CEILING_BYTES ((size_t)1 << 30)
#define FETCH_CEILING_OBJECTS (4U << 20)

GIT_OWNED(remote)

/* What the child says; one write that a pipe keeps whole. */
struct report {
    int code;
    git_oid tip;
    char message[1024], hint[512];
};

static void configure(git_remote_callbacks *callbacks, git_proxy_options *proxy,
                      struct transfer *transfer) {
    const char *authorities = getenv("SSL_CERT_FILE");
    if (authorities)
        git_libgit2_opts(GIT_OPT_SET_SSL_CERT_LOCATIONS, authorities, NULL);
    callbacks->credentials = transfer_credentials;
    callbacks->transport = transfer_transport;
    callbacks->payload = transfer;
    proxy->type = GIT_PROXY_AUTO;
}

/* Which of our errors it is: what the network did passes, what the remote said does not. */
static bool failed(struct transfer *transfer, int code, const char *what, struct error *err) {
    const git_error *last = git_error_last();
    const char *url = transfer->store->url;
    if (transfer->denied.code != ERROR_NONE) {
        error_move(err, &transfer->denied);
        return error_wrap(err, "%s '%s'", what, url);
    }
    if (ssh_explains(transfer, err))
        return error_wrap(err, "%s '%s'", what, url);
    bool redirected = last && last->message && strstr(last->message, "redirect");
    (void)store_failed(err, "%s '%s'", what, url);
    if (redirected) {
        err->code = ERROR_REFUSED;
        return error_hint(err,
                          "ecmig does not follow redirects, because the token is meant for this "
                          "host: use the address that the host redirects to, if you trust it");
    } else if (code == GIT_EAUTH) {
        err->code = ERROR_CREDENTIALS;
        return error_hint(err, "over https, set state.token in the migration file or "
                               "ECMIG_GIT_TOKEN; over ssh, use a key that the host knows");
    } else if (code == GIT_ECERTIFICATE) {
        err->code = ERROR_CREDENTIALS;
        return error_hint(err, "the host's certificate is not trusted: put its certificate "
                               "authority into the file of SSL_CERT_FILE");
    } else if (!last || last->klass == GIT_ERROR_NET || last->klass == GIT_ERROR_SSH ||
               last->klass == GIT_ERROR_HTTP || last->klass == GIT_ERROR_SSL ||
               last->klass == GIT_ERROR_OS) {
        err->code = ERROR_UNREACHABLE;
        return error_hint(err, "check the address, the network and the proxy variables; 'git "
                               "ls-remote' should work with it");
    }
    return false;
}

/* The record of a migration is some megabytes: a host that sends without an end is cut off. */
static int on_progress(const git_indexer_progress *progress, void *context) {
    struct transfer *transfer = context;
    if (progress->received_bytes <= FETCH_CEILING_BYTES &&
        progress->total_objects <= FETCH_CEILING_OBJECTS)
        return 0;
    error_set(&transfer->denied, ERROR_LIMIT, "it sends more than %zu MiB or %u objects",
              FETCH_CEILING_BYTES >> 20, FETCH_CEILING_OBJECTS);
    error_hint(&transfer->denied, "use a separate repository for the state");
    return GIT_EUSER;
}

static bool fetch(struct transfer *transfer, struct error *err) {
    struct gitstore *store = transfer->store;
    AUTO(git_remote_free) git_remote *remote = NULL;
    git_fetch_options options;
    git_remote_connect_options connect;
    const git_remote_head **heads = NULL;
    size_t count = 0;
    (void)git_fetch_options_init(&options, GIT_FETCH_OPTIONS_VERSION);
    (void)git_remote_connect_options_init(&connect, GIT_REMOTE_CONNECT_OPTIONS_VERSION);
    configure(&options.callbacks, &options.proxy_opts, transfer);
    configure(&connect.callbacks, &connect.proxy_opts, transfer);
    /* A host that redirects would be told the token that is meant for another one. */
    options.follow_redirects = connect.follow_redirects = GIT_REMOTE_REDIRECT_NONE;
    options.callbacks.transfer_progress = on_progress;
    options.download_tags = GIT_REMOTE_DOWNLOAD_TAGS_NONE;
    int code = git_remote_create_anonymous(&remote, store->git, store->url);
    if (code == 0)
        code = git_remote_connect_ext(remote, GIT_DIRECTION_FETCH, &connect);
    if (code == 0)
        code = git_remote_ls(&heads, &count, remote);
    if (code < 0)
        return failed(transfer, code, "reading", err);
    for (size_t i = 0; i < count; i++)
        if (strcmp(heads[i]->name, store->reference) == 0)
            transfer->tip = heads[i]->oid;
    AUTO(git_commit_free) git_commit *known = NULL;
    if (git_oid_is_zero(&transfer->tip) ||
        git_commit_lookup(&known, store->git, &transfer->tip) == 0)
        return true;
    char *names[] = { store->reference };
    const git_strarray refspecs = { names, 1 };
    code = git_remote_download(remote, &refspecs, &options);
    return code == 0 || failed(transfer, code, "reading", err);
}

/* What the remote advertises is what its compare-and-swap compares with. */
static int negotiate(const git_push_update **updates, size_t count, void *context) {
    struct transfer *transfer = context;
    for (size_t i = 0; i < count; i++)
        if (git_oid_cmp(&updates[i]->src, &transfer->store->tip) != 0)
            transfer->moved = true;
    return transfer->moved ? GIT_EUSER : 0;
}

/* Without this callback a rejected update counts as success. */
static int updated(const char *reference, const char *status, void *context) {
    struct transfer *transfer = context;
    (void)reference;
    if (status)
        string_replace(&transfer->rejection, status);
    return 0;
}

/* libgit2 pushes only what has a name. */
static char *pushed_name(pid_t pid) {
    return xasprintf("refs/ecmig/push-%d", (int)pid);
}

static bool push(struct transfer *transfer, struct error *err) {
    struct gitstore *store = transfer->store;
    AUTO(git_remote_free) git_remote *remote = NULL;
    git_push_options options;
    AUTO(git_reference_free) git_reference *named = NULL;
    AUTO(string_free) char *name = pushed_name(getppid());
    AUTO(string_free) char *refspec = xasprintf("%s:%s", name, store->reference);
    const git_strarray refspecs = { &refspec, 1 };
    (void)git_push_options_init(&options, GIT_PUSH_OPTIONS_VERSION);
    configure(&options.callbacks, &options.proxy_opts, transfer);
    options.follow_redirects = GIT_REMOTE_REDIRECT_NONE;
    options.callbacks.push_negotiation = negotiate;
    options.callbacks.push_update_reference = updated;
    git_libgit2_opts(GIT_OPT_ENABLE_FSYNC_GITDIR, 0);
    errno = 0;
    if (git_reference_create(&named, store->git, name, &transfer->commit, 1, NULL) < 0)
        return store_failed(err, "the name of the commit cannot be determined");
    int code = git_remote_create_anonymous(&remote, store->git, store->url);
    if (code == 0)
        code = git_remote_upload(remote, &refspecs, &options);
    if (transfer->moved || code == GIT_ENONFASTFORWARD)
        return error_set(err, ERROR_CONFLICT, "branch '%s' of the state changed meanwhile",
                         store->branch);
    if (code < 0)
        return failed(transfer, code, "writing", err);
    return !transfer->rejection ||
           error_set(err, ERROR_REFUSED, "'%s' does not accept the commit: %s", store->url,
                     transfer->rejection);
}

static void copy_words(char *to, size_t size, const char *words) {
    if (words)
        strncpy(to, words, size - 1);
}

static void child(struct transfer *transfer,
                  bool (*work)(struct transfer *transfer, struct error *err), pid_t parent,
                  int to) {
    struct report report = { 0 };
    struct error err = { 0 };
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(1);
    (void)signal(SIGPIPE, SIG_IGN);
    (void)work(transfer, &err);
    ssh_close(transfer->ssh);
    report.code = (int)err.code;
    report.tip = transfer->tip;
    copy_words(report.message, sizeof report.message, err.message);
    copy_words(report.hint, sizeof report.hint, err.hint);
    ssize_t written = write(to, &report, sizeof report);
    _exit(written == (ssize_t)sizeof report ? 0 : 1);
}

/* Waits for the report or the deadline, the one that comes first, and leaves no child behind. */
static bool hear(struct gitstore *store, pid_t pid, int from, struct report *report,
                 struct error *err) {
    int64_t deadline_mono_ms = clock_mono_ms() + TRANSFER_MS;
    struct pollfd wait = { .fd = from, .events = POLLIN };
    int ready;
    do
        ready = poll(&wait, 1, clock_left_ms(deadline_mono_ms));
    while (ready < 0 && errno == EINTR);
    ssize_t length = ready > 0 ? read(from, report, sizeof *report) : 0;
    (void)kill(pid, SIGKILL);
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR) {
    }
    if (length == (ssize_t)sizeof *report)
        return true;
    if (ready == 0)
        return error_set(err, ERROR_DEADLINE, "'%s' did not answer within %d s", store->url,
                         TRANSFER_MS / 1000);
    return error_set(err, ERROR_UNREACHABLE, "the transfer to '%s' ended without a result",
                     store->url);
}

static bool run(struct transfer *transfer,
                bool (*work)(struct transfer *transfer, struct error *err), git_oid *tip,
                struct error *err) {
    int ends[2];
    struct report report = { 0 };
    if (pipe2(ends, O_CLOEXEC) < 0)
        return error_set_errno(err, "cannot start a transfer");
    pid_t parent = getpid(), pid = fork();
    if (pid == 0)
        child(transfer, work, parent, ends[1]);
    (void)close(ends[1]);
    bool heard = pid > 0 ? hear(transfer->store, pid, ends[0], &report, err)
                         : error_set_errno(err, "cannot start a transfer");
    (void)close(ends[0]);
    if (!heard)
        return false;
    if (report.code != ERROR_NONE) {
        error_set(err, (enum error_code)report.code, "%s", report.message);
        return *report.hint ? error_hint(err, "%s", report.hint) : false;
    }
    if (tip)
        *tip = report.tip;
    return true;
}

static bool ask_token(struct gitstore *store, struct error *err) {
    secret_free(TAKE(store->token));
    return store->origin.ask(store->origin.context, &store->token, err);
}

/* A token that is refused may have run out: the next one may be good. */
static bool transfer_run(struct transfer *transfer,
                         bool (*work)(struct transfer *transfer, struct error *err), git_oid *tip,
                         struct error *err) {
    struct gitstore *store = transfer->store;
    bool has_token = store->origin.ask && strncmp(store->url, "http", 4) == 0;
    bool fresh = has_token && !store->token;
    if (fresh && !ask_token(store, err))
        return false;
    if (run(transfer, work, tip, err))
        return true;
    if (!has_token || fresh || err->code != ERROR_CREDENTIALS)
        return false;
    error_clear(err);
    return ask_token(store, err) && run(transfer, work, tip, err);
}

bool transfer_fetch(struct gitstore *store, git_oid *tip, struct error *err) {
    struct transfer transfer = { .store = store };
    return transfer_run(&transfer, fetch, tip, err);
}

bool transfer_push(struct gitstore *store, const git_oid *commit, struct error *err) {
    struct transfer transfer = { .store = store, .commit = *commit };
    AUTO(string_free) char *name = pushed_name(getpid());
    bool pushed = transfer_run(&transfer, push, NULL, err);
    if (git_reference_remove(store->git, name) < 0)
        git_error_clear(); /* it is written over by the next */
    return pushed;
}
