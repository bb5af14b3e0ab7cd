#include "providers/local/serve.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "providers/local/actions/dispatch.h"
#include "providers/local/describe.h"
#include "providers/local/fault/at_once.h"
#include "providers/local/machine/authority.h"
#include "providers/local/machine/node.h"
#include "providers/local/machine/seed.h"
#include "providers/local/machine/source.h"
#include "providers/local/machine/stop.h"
#include "providers/local/service/groups.h"
#include "providers/local/service/resume.h"
#include "providers/local/state/endpoint.h"
#include "providers/local/wire/http.h"
#include "providers/local/writer/client.h"
#include "providers/local/writer/files.h"
#include "providers/local/writer/writer.h"
#include "schemas/base/files.h"
#include "schemas/base/memory.h"

static bool prepare_source(struct endpoint *endpoint, const struct local_options *options,
                           struct error *err) {
    struct state *state = &endpoint->state;
    const struct engine *engine = &endpoint->engines.items[0];
    if (options->source && !state->source.count) {
        if (options->source_engine &&
            !engines_choose(&endpoint->engines, options->source_engine, &engine, err))
            return false;
        state->keys_count = options->keys;
        state->down_after_ms = options->down_after_ms;
        if (!source_add(endpoint, options->source, options->replicas, engine, err))
            return false;
    }
    return state_save(endpoint->dir, state, err);
}

/* Where an application of this source would be told to go. */
static char *writer_source(const struct state *state) {
    if (!state->sentinels.count)
        return node_endpoint(state, &state->source.items[0]);
    AUTO(strings_clear) struct strings sentinels = { 0 };
    for (size_t i = 0; i < state->sentinels.count; i++) {
        AUTO(string_free) char *address = node_endpoint(state, &state->sentinels.items[i]);
        strings_add(&sentinels, address);
    }
    AUTO(string_free) char *list = strings_join(&sentinels, ",");
    return xasprintf(WRITER_SENTINEL_PREFIX SENTINEL_MASTER_NAME "@%s", list);
}

static bool fill_source(struct endpoint *endpoint, const struct local_options *options,
                        struct error *err) {
    struct state *state = &endpoint->state;
    if (!state->source.count)
        return true;
    if (!state->seeded && !seed_source(state, err))
        return false;
    state->seeded = true;
    if (options->writes)
        state->writes_per_second = options->writes;
    if (!state->writes_per_second)
        return true;
    AUTO(string_free) char *folder = writer_file(endpoint->dir, "");
    AUTO(string_free) char *file = writer_file(endpoint->dir, "endpoint");
    AUTO(string_free) char *source = writer_source(state);
    return folder_make(folder, 0700, err) &&
           (path_exists(file) || writer_send_to(endpoint->dir, source, err)) &&
           writer_start(endpoint->dir, &state->source_shards, state->writes_per_second,
                        endpoint->claim_fd, err);
}

/* Without it the endpoint is what it was, but for TLS. */
static void prepare_authority(struct endpoint *endpoint) {
    AUTO(error_clear) struct error err = { 0 };
    string_replace(&endpoint->state.tls_ca_file, NULL);
    if (!authority_make(endpoint, &err) || !authority_list_addresses(endpoint, &err))
        endpoint_log("no TLS: %s; %s", err.message, err.hint ? err.hint : "");
}

static bool prepare(struct endpoint *endpoint, const struct local_options *options, int *listen_fd,
                    struct error *err) {
    if (!engines_find(&options->engines, &endpoint->engines, err) ||
        !state_load(endpoint->dir, &endpoint->state, err))
        return false;
    int64_t port = options->port ? options->port : endpoint->state.http_port;
    if (!http_listen(&port, listen_fd, err)) {
        if (options->port)
            return false;
        error_clear(err); /* the port of last time is taken: another one */
        port = 0;
        if (!http_listen(&port, listen_fd, err))
            return false;
    }
    endpoint->state.http_port = port;
    prepare_authority(endpoint);
    return prepare_source(endpoint, options, err) && nodes_resume(endpoint, err) &&
           fill_source(endpoint, options, err) && state_save(endpoint->dir, &endpoint->state, err);
}

static bool announce(struct endpoint *endpoint, int ready_fd, struct error *err) {
    AUTO(string_free) char *path = endpoint_file(endpoint->dir, "endpoint.json");
    AUTO(json_free) struct json *page = endpoint_describe(endpoint->dir, &endpoint->state);
    AUTO(string_free) char *bytes = json_write(page, JSON_PRETTY);
    if (!file_write(path, bytes, strlen(bytes), 0600, err))
        return false;
    (void)!write(ready_fd, "ok", 2);
    close(ready_fd);
    return true;
}

static int stop_signals(void) {
    sigset_t wanted;
    sigemptyset(&wanted);
    sigaddset(&wanted, SIGTERM);
    sigaddset(&wanted, SIGINT);
    sigprocmask(SIG_BLOCK, &wanted, NULL);
    signal(SIGHUP, SIG_IGN);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGCHLD, SIG_IGN); /* nodes are looked for by pid file, and must not stay as zombies */
    return signalfd(-1, &wanted, SFD_CLOEXEC);
}

static void save_changes(struct endpoint *endpoint) {
    AUTO(error_clear) struct error err = { 0 };
    if (!endpoint->changed)
        return;
    if (state_save(endpoint->dir, &endpoint->state, &err))
        endpoint->changed = endpoint->unsaved = false;
    else if (!endpoint->unsaved) /* tried again at each turn, said once */
        endpoint_log("state: %s", err.message);
    endpoint->unsaved = endpoint->changed;
}

/* The folder was removed without `local down`: nobody could find and end us. */
static bool is_forgotten(const struct endpoint *endpoint) {
    AUTO(string_free) char *pid_path = endpoint_file(endpoint->dir, "endpoint.pid");
    struct stat status;
    return stat(pid_path, &status) < 0 && errno == ENOENT;
}

static void answer(void *context, const struct http_request *request, struct http_page *page) {
    dispatch(context, request, page);
}

/* Asked before anything is written in the folder again. */
static bool goes_on(void *context) {
    struct endpoint *endpoint = context;
    if (!is_forgotten(endpoint))
        return true;
    nodes_abandon(&endpoint->state);
    return false;
}

static bool advance(void *context) {
    struct endpoint *endpoint = context;
    faults_advance(endpoint);
    groups_advance(endpoint);
    save_changes(endpoint);
    return groups_are_busy(endpoint);
}

int endpoint_run(const struct local_options *options, int claim_fd, int ready_fd) {
    struct endpoint endpoint = { .dir = options->dir,
                                 .claim_fd = claim_fd,
                                 .pace = local_paces[options->pace] };
    const struct http_service service = { &endpoint, answer, goes_on, advance };
    AUTO(error_clear) struct error err = { 0 };
    int listen_fd = -1, stop_fd = -1;
    /* engines_find waits for its children, so it comes before SIGCHLD is ignored. */
    bool done = prepare(&endpoint, options, &listen_fd, &err);
    stop_fd = stop_signals();
    done = done && announce(&endpoint, ready_fd, &err) &&
           http_serve(&service, listen_fd, stop_fd, &err);
    if (!done) {
        endpoint_log("ended: %s", err.message);
        AUTO(string_free)
        char *report = xasprintf("%s\n%s", err.message, err.hint ? err.hint : "");
        (void)!write(ready_fd, report, strlen(report));
    }
    state_clear(&endpoint.state);
    engines_clear(&endpoint.engines);
    return done ? 0 : 1;
}
