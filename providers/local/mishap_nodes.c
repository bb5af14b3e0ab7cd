/* Faults that the endpoint makes happen at once: to its nodes, and to what its groups show. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "providers/local/mishap.h"
#include "providers/local/nodes.h"
#include "schemas/base/clock.h"
#include "schemas/base/memory.h"

static const struct node *find_node(const struct state *state, const char *id) {
    for (size_t i = 0; i < state->source.count; i++)
        if (strcmp(state->source.items[i].id, id) == 0)
            return &state->source.items[i];
    for (size_t i = 0; i < state->groups.count; i++)
        for (size_t k = 0; k < state->groups.items[i].nodes.count; k++)
            if (strcmp(state->groups.items[i].nodes.items[k].id, id) == 0)
                return &state->groups.items[i].nodes.items[k];
    return NULL;
}

static void hold_status(struct endpoint *endpoint, const struct mishap *mishap, bool begins) {
    for (size_t i = 0; i < endpoint->state.groups.count; i++) {
        struct group *group = &endpoint->state.groups.items[i];
        string_replace(&group->held_status, begins ? mishap->status : NULL);
    }
    endpoint->changed = true;
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
    default:
        return;
    }
}

static void end(struct endpoint *endpoint, const struct mishap *mishap, const struct node *node) {
    AUTO(error_clear) struct error err = { 0 };
    if (mishap->kind == MISHAP_HOLD_STATUS)
        hold_status(endpoint, mishap, false);
    if (mishap->kind == MISHAP_PAUSE_NODE)
        node_signal(endpoint->dir, node, SIGCONT);
    if (mishap->kind == MISHAP_RESTART_NODE && !source_resume(endpoint, &err))
        endpoint_log("restart of %s: %s", mishap->node, err.message);
}

bool mishap_happen(struct endpoint *endpoint, struct mishap *mishap) {
    const struct node *node = mishap->node ? find_node(&endpoint->state, mishap->node) : NULL;
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
