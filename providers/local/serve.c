/* The endpoint's own process, from its first line to SIGTERM. */
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "providers/local/machine/nodes.h"
#include "providers/local/state/endpoint.h"
#include "providers/local/writer/client.h"
#include "providers/local/writer/writer.h"
#include "schemas/base/clock.h"
#include "schemas/base/files.h"
#include "schemas/base/memory.h"

static const struct pace paces[] = {
    [LOCAL_PACE_FAST] = {
#define PACE(field, fast, real) .field = (fast),
        LOCAL_PACES(PACE)
#undef PACE
    },
    [LOCAL_PACE_REAL] = {
#define PACE(field, fast, real) .field = (real),
        LOCAL_PACES(PACE)
#undef PACE
    },
};

void endpoint_log(const char *format, ...) {
    char at[CLOCK_TEXT_BYTES];
    AUTO(text_clear) struct text line = { 0 };
    va_list arguments;
    clock_format(clock_wall_ms(), at);
    text_addf(&line, "%s ", at);
    va_start(arguments, format);
    text_vaddf(&line, format, arguments);
    va_end(arguments);
    text_add(&line, "\n");
    (void)!write(STDERR_FILENO, line.bytes, line.length);
}

char *endpoint_file(const char *dir, const char *name) {
    return path_join(dir, name);
}

static struct json *addresses_of(const struct state *state, const struct nodes *nodes,
                                 bool primaries_only) {
    struct json *list = json_new_array();
    for (size_t i = 0; i < nodes->count; i++) {
        AUTO(string_free) char *address = node_endpoint(state, &nodes->items[i]);
        if (!primaries_only || !nodes->items[i].replica)
            json_append(list, json_new_string(address));
    }
    return list;
}

/* Roles are those it began with. */
static struct json *describe_source(const struct state *state) {
    struct json *source = json_new_object();
    json_put_string(source, "topology", state->source_topology);
    json_put(source, "nodes", addresses_of(state, &state->source, false));
    json_put(source, "seeds", addresses_of(state, &state->source, true));
    if (state->sentinels.count) {
        json_put_string(source, "master_name", SENTINEL_MASTER_NAME);
        json_put(source, "sentinels", addresses_of(state, &state->sentinels, false));
    }
    return source;
}

struct json *endpoint_describe(const char *dir, const struct state *state) {
    struct json *page = json_new_object();
    struct json *env = json_new_object();
    AUTO(string_free) char *url = xasprintf("http://127.0.0.1:%d", (int)state->http_port);
    json_put_string(env, "AWS_ACCESS_KEY_ID", LOCAL_ACCESS_KEY_ID);
    json_put_string(env, "AWS_SECRET_ACCESS_KEY", LOCAL_SECRET_ACCESS_KEY);
    json_put_string(env, "AWS_REGION", LOCAL_REGION);
    json_put_string(env, "AWS_DEFAULT_REGION", LOCAL_REGION); /* version 1 of the AWS CLI */
    json_put_string(env, "AWS_ENDPOINT_URL", url);
    json_put_string(page, "endpoint_url", url);
    json_put(page, "env", env);
    if (state->source.count)
        json_put(page, "source", describe_source(state));
    if (state->writes_per_second) {
        struct json *writer = json_new_object();
        AUTO(writer_parts_clear) struct writer_parts parts = { 0 };
        struct json *logs = json_new_array();
        writer_parts_of(&state->source_shards, &parts);
        for (size_t i = 0; i < parts.count; i++) {
            AUTO(string_free) char *log = writer_part_log(dir, &parts.items[i]);
            json_append(logs, json_new_string(log));
            if (!parts.items[i].cluster)
                json_put_string(writer, "acknowledged_log", log);
        }
        json_put(writer, "acknowledged_logs", logs);
        json_put_int(writer, "writes_per_second", state->writes_per_second);
        json_put(page, "writer", writer);
    }
    return page;
}

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

int endpoint_run(const struct local_options *options, int claim_fd, int ready_fd) {
    struct endpoint endpoint = { .dir = options->dir,
                                 .claim_fd = claim_fd,
                                 .pace = paces[options->pace] };
    AUTO(error_clear) struct error err = { 0 };
    int listen_fd = -1, stop_fd = -1;
    /* engines_find waits for its children, so it comes before SIGCHLD is ignored. */
    bool done = prepare(&endpoint, options, &listen_fd, &err);
    stop_fd = stop_signals();
    done = done && announce(&endpoint, ready_fd, &err) &&
           http_serve(&endpoint, listen_fd, stop_fd, &err);
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
