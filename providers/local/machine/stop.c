#include "providers/local/machine/stop.h"

#include <signal.h>
#include <unistd.h>

#include "providers/local/machine/ask.h"
#include "providers/local/machine/node.h"
#include "providers/local/machine/relay.h"
#include "providers/process/resident.h"
#include "schemas/base/clock.h"
#include "schemas/base/memory.h"

#define STOP_DEADLINE_MS 15000
#define SENTINEL_GRACE_MS 2000

static void wait_stopped(const char *dir, const struct node *node, int64_t deadline_mono_ms) {
    AUTO(string_free) char *pid_path = node_file(dir, node, "pid");
    if (!resident_wait(pid_path, deadline_mono_ms))
        resident_end(pid_path, 0);
    unlink(pid_path);
}

/* Asks all of them at once, and ends what does not go. */
static void stop_set(const char *dir, const struct state *state, const struct node_set *running) {
    AUTO(answers_clear) struct answers gone = { 0 }; /* the answer is a closed connection */
    const struct question question = { .words = { "shutdown", "SAVE" },
                                       .restricted = true,
                                       .timeout_ms = STOP_DEADLINE_MS };
    nodes_ask(state, running->items, running->count, &question, &gone);
    int64_t deadline = clock_mono_ms() + STOP_DEADLINE_MS;
    for (size_t i = 0; i < running->count; i++)
        wait_stopped(dir, running->items[i], deadline);
}

/* A process that is stopped by a signal could not answer. */
static bool wake(const char *dir, const struct node *node) {
    AUTO(string_free) char *pid_path = node_file(dir, node, "pid");
    pid_t pid = resident_find(pid_path);
    return pid && kill(pid, SIGCONT) == 0;
}

static int64_t stop_some(const char *dir, const struct state *state, const struct nodes *nodes,
                         bool replicas) {
    AUTO(node_set_clear) struct node_set running = { 0 };
    for (size_t i = 0; i < nodes->count; i++)
        if (nodes->items[i].replica == replicas && wake(dir, &nodes->items[i]))
            node_set_add(&running, &nodes->items[i]);
    stop_set(dir, state, &running);
    return (int64_t)running.count;
}

bool node_stop(const char *dir, const struct state *state, const struct node *node) {
    AUTO(node_set_clear) struct node_set one = { 0 };
    if (!wake(dir, node))
        return false;
    node_set_add(&one, node);
    stop_set(dir, state, &one);
    return true;
}

int64_t nodes_stop(const char *dir, const struct state *state) {
    int64_t ended_count = 0;
    for (size_t i = 0; i < state->sentinels.count; i++) {
        AUTO(string_free) char *pid_path = node_file(dir, &state->sentinels.items[i], "pid");
        ended_count += resident_end(pid_path, SENTINEL_GRACE_MS);
    }
    for (size_t i = 0; i < state->groups.count; i++) {
        ended_count += nodes_stop_all(dir, state, &state->groups.items[i].nodes);
        relay_end(dir, &state->groups.items[i]);
    }
    return ended_count + nodes_stop_all(dir, state, &state->source);
}

void nodes_abandon(const struct state *state) {
    AUTO(node_set_clear) struct node_set all = { 0 };
    AUTO(answers_clear) struct answers gone = { 0 };
    const struct question question = { .words = { "shutdown", "NOSAVE" }, .restricted = true };
    node_set_add_all(&all, &state->sentinels);
    node_set_add_all(&all, &state->source);
    for (size_t i = 0; i < state->groups.count; i++)
        node_set_add_all(&all, &state->groups.items[i].nodes);
    nodes_ask(state, all.items, all.count, &question, &gone);
}

int64_t nodes_stop_all(const char *dir, const struct state *state, const struct nodes *nodes) {
    int64_t ended_count = stop_some(dir, state, nodes, true);
    return ended_count + stop_some(dir, state, nodes, false);
}

static bool lives(const char *dir, const struct nodes *nodes) {
    for (size_t i = 0; i < nodes->count; i++)
        if (node_is_alive(dir, &nodes->items[i]))
            return true;
    return false;
}

bool any_node_lives(const char *dir, const struct state *state) {
    for (size_t i = 0; i < state->groups.count; i++)
        if (lives(dir, &state->groups.items[i].nodes))
            return true;
    return lives(dir, &state->source) || lives(dir, &state->sentinels);
}
