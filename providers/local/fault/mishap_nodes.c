/* Faults that the endpoint makes happen at once: to its nodes, and to what its groups show. */
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "providers/local/fault/mishap.h"
#include "providers/local/machine/ask.h"
#include "providers/local/machine/nodes.h"
#include "schemas/base/clock.h"
#include "schemas/base/memory.h"

static void hold_status(struct endpoint *endpoint, const struct mishap *mishap, bool begins) {
    for (size_t i = 0; i < endpoint->state.groups.count; i++) {
        struct group *group = &endpoint->state.groups.items[i];
        string_replace(&group->held_status, begins ? mishap->status : NULL);
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

static void begin(struct endpoint *endpoint, const struct mishap *mishap, const struct node *node) {
    switch ((enum mishap_kind)mishap->kind) {
    case MISHAP_HOLD_STATUS:
        hold_status(endpoint, mishap, true);
        return;
    case MISHAP_KILL_NODE:
        node_kill(endpoint->dir, node);
        return;
    case MISHAP_PAUSE_NODE:
        node_signal(endpoint->dir, node, SIGSTOP);
        return;
    case MISHAP_RESTART_NODE:
        node_stop(endpoint->dir, &endpoint->state, node);
        return;
    case MISHAP_SOURCE_FAILOVER:
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

static void end(struct endpoint *endpoint, const struct mishap *mishap, const struct node *node) {
    if (mishap->kind == MISHAP_HOLD_STATUS)
        hold_status(endpoint, mishap, false);
    if (mishap->kind == MISHAP_PAUSE_NODE)
        node_signal(endpoint->dir, node, SIGCONT);
    if (mishap->kind == MISHAP_RESTART_NODE)
        start_again(endpoint, node);
}

bool mishap_happen(struct endpoint *endpoint, struct mishap *mishap) {
    const struct node *node = mishap->node ? state_node(&endpoint->state, mishap->node) : NULL;
    int64_t now_ms = clock_wall_ms();
    if (mishap->kind != MISHAP_HOLD_STATUS && !node)
        return false;
    if (!mishap->until_ms) {
        endpoint_log("fault %s %s", mishap_rows[mishap->kind].name,
                     mishap->node ? mishap->node : "");
        begin(endpoint, mishap, node);
        mishap->until_ms = now_ms + mishap->for_ms;
    }
    if (now_ms < mishap->until_ms)
        return true;
    end(endpoint, mishap, node);
    return false;
}
