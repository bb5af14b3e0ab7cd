#include "providers/local/up.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "providers/local/describe.h"
#include "providers/local/machine/network.h"
#include "providers/local/machine/node.h"
#include "providers/local/machine/own_folder.h"
#include "providers/local/machine/source.h"
#include "providers/local/machine/stop.h"
#include "providers/local/state/endpoint.h"
#include "providers/local/writer/files.h"
#include "providers/local/writer/writer.h"
#include "providers/process/resident.h"
#include "schemas/base/clock.h"
#include "schemas/base/files.h"
#include "schemas/base/memory.h"

#define READY_DEADLINE_MS 180000
#define ENDPOINT_GRACE_MS 10000

static bool lock_folder(const char *dir, int *fd, struct error *err) {
    AUTO(string_free) char *path = endpoint_file(dir, "up.lock");
    int opened = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (opened < 0)
        return error_set_errno(err, "cannot open '%s'", path);
    if (flock(opened, LOCK_EX) < 0) {
        error_set_errno(err, "cannot lock '%s'", path);
        close(opened);
        return false;
    }
    *fd = opened;
    return true;
}

static bool check_options(const struct local_options *options, struct error *err) {
    int64_t network = 0;
    if (options->network && !network_parse(options->network, &network)) {
        error_set(err, ERROR_USAGE, "'%s' is not a network", options->network);
        return error_hint(err, "write 127.N, N from 1 to 254");
    }
    return !options->source || source_kind_check(options->source, options->replicas, err);
}

static bool read_description(const char *dir, struct json **out, struct error *err) {
    AUTO(string_free) char *path = endpoint_file(dir, "endpoint.json");
    AUTO(text_clear) struct text bytes = { 0 };
    return file_read(path, 1 << 20, &bytes, err) &&
           json_parse(text_string(&bytes), bytes.length, path, out, err);
}

/* "ok", or the lines of a failure. */
static bool await_ready(const char *dir, int fd, struct error *err) {
    AUTO(text_clear) struct text line = { .ceiling = 8192 };
    struct pollfd wait = { .fd = fd, .events = POLLIN };
    int64_t deadline = clock_mono_ms() + READY_DEADLINE_MS;
    char part[512];
    ssize_t got = 0;
    while (poll(&wait, 1, clock_left_ms(deadline)) == 1 && (got = read(fd, part, sizeof part)) > 0)
        text_add_bytes(&line, part, (size_t)got);
    if (strcmp(text_string(&line), "ok") == 0)
        return true;
    char *hint = line.length ? strchr(line.bytes, '\n') : NULL;
    if (hint)
        *hint++ = 0;
    error_set(err, ERROR_FAILED, "%s", line.length ? line.bytes : "the endpoint did not start");
    return hint && *hint ? error_hint(err, "%s", hint)
                         : error_hint(err, "read %s/endpoint.log", dir);
}

struct task {
    const struct local_options *options;
    bool claimed;
};

static int run_endpoint(const void *argument) {
    const struct task *task = argument;
    return endpoint_run(task->options, task->claimed ? 3 : -1, task->claimed ? 4 : 3);
}

/* The network of the state when it still has one; a claim that only our own orphans hold is ours.
 */
static bool claim_network(const struct local_options *options, struct state *state, int *fd,
                          struct error *err) {
    int64_t wanted = 0;
    if (options->network && !network_parse(options->network, &wanted))
        return error_set(err, ERROR_USAGE, "'%s' is not a network", options->network);
    *fd = -1;
    if (any_node_lives(options->dir, state) || writer_runs(options->dir))
        return true;
    if (!wanted && state->network &&
        network_claim(state->network, &state->network, &state->node_port, fd, err))
        return true;
    error_clear(err);
    return network_claim(wanted, &state->network, &state->node_port, fd, err);
}

static bool start_endpoint(const struct local_options *options, int claim_fd, struct error *err) {
    AUTO(string_free) char *pid_path = endpoint_file(options->dir, "endpoint.pid");
    AUTO(string_free) char *log_path = endpoint_file(options->dir, "endpoint.log");
    AUTO(string_free) char *old = endpoint_file(options->dir, "endpoint.json");
    int ready[2];
    (void)unlink(old); /* is there again when all is ready */
    if (pipe2(ready, O_CLOEXEC) < 0)
        return error_set_errno(err, "cannot start the endpoint");
    struct task task = { options, claim_fd >= 0 };
    struct resident_options child = {
        .pid_file = pid_path,
        .log_file = log_path,
        .run = run_endpoint,
        .argument = &task,
        .keep_fd = claim_fd,
        .ready_fd = ready[1],
    };
    bool started = resident_start(&child, err);
    close(ready[1]);
    bool done = started && await_ready(options->dir, ready[0], err);
    close(ready[0]);
    return done;
}

static int64_t end_all(const char *dir, const struct state *state) {
    AUTO(string_free) char *pid_path = endpoint_file(dir, "endpoint.pid");
    int64_t ended = resident_end(pid_path, ENDPOINT_GRACE_MS);
    ended += writer_stop(dir);
    return ended + nodes_stop(dir, state);
}

static bool start_over(const char *dir, struct error *err) {
    static const char *const files[] = { "state.json", "endpoint.json", "faults.json",
                                         "writer/endpoint", "writer/login" };
    AUTO(state_clear) struct state state = { 0 };
    if (!state_load(dir, &state, err))
        return false;
    end_all(dir, &state);
    for (size_t i = 0; i < state.source.count; i++)
        node_forget_data(dir, &state.source.items[i]);
    for (size_t i = 0; i < state.groups.count; i++)
        for (size_t k = 0; k < state.groups.items[i].nodes.count; k++)
            node_forget_data(dir, &state.groups.items[i].nodes.items[k]);
    writer_forget(dir, &state.source_shards);
    for (size_t i = 0; i < COUNT(files); i++) {
        AUTO(string_free) char *path = endpoint_file(dir, files[i]);
        unlink(path);
    }
    return true;
}

/* One that runs already, perhaps for an `up` that was interrupted while it still made ready; false
 * when none does, or it ended over it. */
static bool await_announced(const char *dir, const char *pid_path) {
    AUTO(string_free) char *description = endpoint_file(dir, "endpoint.json");
    int64_t deadline = clock_mono_ms() + READY_DEADLINE_MS;
    while (resident_find(pid_path)) {
        if (path_exists(description) || !clock_left_ms(deadline))
            return true;
        clock_sleep_ms(20);
    }
    return false;
}

static bool bring_up(const struct local_options *options, struct json **out, struct error *err) {
    AUTO(state_clear) struct state state = { 0 };
    AUTO(string_free) char *pid_path = endpoint_file(options->dir, "endpoint.pid");
    if (options->reset && !start_over(options->dir, err))
        return false;
    if (await_announced(options->dir, pid_path))
        return read_description(options->dir, out, err);
    int claim_fd = -1;
    if (!state_load(options->dir, &state, err) || !claim_network(options, &state, &claim_fd, err))
        return false;
    bool done = state_save(options->dir, &state, err) && start_endpoint(options, claim_fd, err);
    if (claim_fd >= 0)
        close(claim_fd);
    if (!done) {
        AUTO(error_clear) struct error ignored = { 0 };
        AUTO(state_clear) struct state now = { 0 };
        if (state_load(options->dir, &now, &ignored))
            end_all(options->dir, &now);
        return false;
    }
    return read_description(options->dir, out, err);
}

bool local_up(const struct local_options *options, struct json **out, struct error *err) {
    AUTO(string_free) char *dir = NULL;
    int lock_fd = -1;
    if (!check_options(options, err) || !path_absolute(options->dir, &dir, err) ||
        !folder_make(dir, 0700, err) || !own_folder_check(dir, err) ||
        !lock_folder(dir, &lock_fd, err))
        return false;
    struct local_options absolute = *options;
    absolute.dir = dir;
    bool done = bring_up(&absolute, out, err);
    close(lock_fd);
    return done;
}

static bool open_state(const char *dir, char **absolute, struct state *state, struct error *err) {
    AUTO(string_free) char *path = NULL;
    if (!path_absolute(dir, absolute, err))
        return false;
    path = endpoint_file(*absolute, "state.json");
    if (!path_exists(path)) {
        error_set(err, ERROR_NOT_FOUND, "no endpoint in '%s'", dir);
        return error_hint(err, "start one with 'ecmig local up --dir %s'", dir);
    }
    return own_folder_check(*absolute, err) && state_load(*absolute, state, err);
}

bool local_down(const char *dir, int64_t *ended, struct error *err) {
    AUTO(string_free) char *absolute = NULL;
    AUTO(state_clear) struct state state = { 0 };
    int lock_fd = -1;
    if (!open_state(dir, &absolute, &state, err) || !lock_folder(absolute, &lock_fd, err))
        return false;
    /* The endpoint first: it starts what it sees dying, and its last state is the one to go by. */
    AUTO(string_free) char *pid_path = endpoint_file(absolute, "endpoint.pid");
    int64_t count = resident_end(pid_path, ENDPOINT_GRACE_MS);
    state_clear(&state);
    bool done = state_load(absolute, &state, err);
    if (done) {
        source_note_roles(&state);
        done = state_save(absolute, &state, err);
    }
    if (done)
        *ended = count + end_all(absolute, &state);
    close(lock_fd);
    return done;
}

bool local_status(const char *dir, struct json **out, struct error *err) {
    AUTO(string_free) char *absolute = NULL;
    AUTO(state_clear) struct state state = { 0 };
    if (!open_state(dir, &absolute, &state, err))
        return false;
    AUTO(string_free) char *pid_path = endpoint_file(absolute, "endpoint.pid");
    struct json *status = endpoint_describe(absolute, &state);
    json_put_bool(status, "running", resident_find(pid_path) != 0);
    json_put_bool(status, "writer_running", writer_runs(absolute));
    if (state.writes_per_second)
        json_put_int(status, "acknowledged",
                     endpoint_acknowledged_count(absolute, &state.source_shards));
    json_put(status, "groups", endpoint_describe_groups(&state));
    *out = status;
    return true;
}
