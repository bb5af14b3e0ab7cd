#include "providers/local/fault/at_once.h"

#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "providers/local/fault/faults.h"
#include "providers/local/machine/ask.h"
#include "providers/local/machine/node.h"
#include "providers/local/machine/ready.h"
#include "providers/local/machine/source.h"
#include "providers/local/machine/stop.h"
#include "schemas/base/clock.h"
#include "schemas/base/memory.h"

static void hold_status(struct endpoint *endpoint, const struct fault *fault, bool begins) {
    for (size_t i = 0; i < endpoint->state.groups.count; i++) {
        struct group *group = &endpoint->state.groups.items[i];
        string_replace(&group->held_status, begins ? fault->status : NULL);
    }
    endpoint->changed = true;
}

/* The one named, or the first of its shard that is a replica. */
static const struct node *pick_heir(const struct state *state, const struct node *named) {
    AUTO(node_set_clear) struct node_set set = { 0 };
    AUTO(answers_clear) struct answers roles = { 0 };
    const struct question question = { .words = { "ROLE" } };
    const struct node *heir = NULL;
    for (size_t i = 0; i < state->source.count; i++)
        if (state->source.items[i].shard == named->shard)
            node_set_add(&set, &state->source.items[i]);
    nodes_ask(state, set.items, set.count, &question, &roles);
    for (size_t i = 0; i < roles.count; i++) {
        const struct redis_reply *role = roles.items[i];
        bool replica = role && role->count && strcmp(redis_text(role->elements[0]), "slave") == 0;
        if (replica && (!heir || set.items[i] == named))
            heir = set.items[i];
    }
    return heir;
}

static void fail_source_over(struct endpoint *endpoint, const struct node *named) {
    AUTO(redis_close) struct redis_connection *connection = NULL;
    AUTO(redis_reply_free) struct redis_reply *reply = NULL;
    AUTO(error_clear) struct error err = { 0 };
    const struct state *state = &endpoint->state;
    const struct node *heir = pick_heir(state, named);
    const struct node *asked = state->sentinels.count ? &state->sentinels.items[0] : heir;
    bool done = asked && node_open(state, asked, &connection, &err);
    if (done && state->sentinels.count)
        done = redis_call(connection, REDIS_NOW, &reply, &err, "SENTINEL", "FAILOVER",
                          SENTINEL_MASTER_NAME, NULL);
    else if (done)
        done = redis_call(connection, REDIS_NOW, &reply, &err, "CLUSTER", "FAILOVER", NULL);
    if (!done)
        endpoint_log("failover in the shard of %s: %s", named->id,
                     asked ? err.message : "it has no replica");
}

static void begin(struct endpoint *endpoint, const struct fault *fault, const struct node *node) {
    switch ((enum fault_kind)fault->kind) {
    case FAULT_HOLD_STATUS:
        hold_status(endpoint, fault, true);
        return;
    case FAULT_KILL_NODE:
        node_kill(endpoint->dir, node);
        return;
    case FAULT_PAUSE_NODE:
        node_signal(endpoint->dir, node, SIGSTOP);
        return;
    case FAULT_RESTART_NODE:
        node_stop(endpoint->dir, &endpoint->state, node);
        return;
    case FAULT_SOURCE_FAILOVER:
        fail_source_over(endpoint, node);
        return;
    default:
        return;
    }
}

static void start_again(struct endpoint *endpoint, const struct node *node) {
    AUTO(error_clear) struct error err = { 0 };
    const struct nodes one = { (struct node *)(uintptr_t)node, 1 };
    if (!node_is_alive(endpoint->dir, node) &&
        (!source_node_start(endpoint, node, &err) || !nodes_wait_ready(endpoint, &one, &err)))
        endpoint_log("restart of %s: %s", node->id, err.message);
}

static void end(struct endpoint *endpoint, const struct fault *fault, const struct node *node) {
    if (fault->kind == FAULT_HOLD_STATUS)
        hold_status(endpoint, fault, false);
    if (fault->kind == FAULT_PAUSE_NODE)
        node_signal(endpoint->dir, node, SIGCONT);
    if (fault->kind == FAULT_RESTART_NODE)
        start_again(endpoint, node);
}

/* Begins, keeps up and ends one. */
static enum fault_fate advance(void *context, struct fault *fault) {
    struct endpoint *endpoint = context;
    const struct node *node = fault->node ? state_node(&endpoint->state, fault->node) : NULL;
    int64_t now_ms = clock_wall_ms();
    bool begins = !fault->until_ms;
    if (fault_rows[fault->kind].scope != FAULT_SCOPE_AT_ONCE)
        return FATE_SAME;
    if (fault->kind != FAULT_HOLD_STATUS && !node)
        return FATE_OVER;
    if (begins) {
        endpoint_log("fault %s %s", fault_rows[fault->kind].name, fault->node ? fault->node : "");
        begin(endpoint, fault, node);
        fault->until_ms = now_ms + fault->for_ms;
    }
    if (now_ms < fault->until_ms)
        return begins ? FATE_CHANGED : FATE_SAME;
    end(endpoint, fault, node);
    return FATE_OVER;
}

void faults_advance(struct endpoint *endpoint) {
    faults_visit(endpoint->dir, advance, endpoint);
}
