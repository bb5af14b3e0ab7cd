/* Starting nodes in the role that the state gives them: at creation, after a down, after a death.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "providers/local/machine/ask.h"
#include "providers/local/machine/cluster.h"
#include "providers/local/machine/nodes.h"
#include "providers/local/service/graft.h"
#include "schemas/base/clock.h"
#include "schemas/base/memory.h"

#define READY_DEADLINE_MS 60000

static void group_settings(const struct state *state, const struct group *group,
                           struct pairs *out) {
    const struct parameter_group *own =
        state_parameter_group((struct state *)(uintptr_t)state, group->parameter_group);
    for (size_t i = 0; i < parameter_count; i++) {
        const struct parameter *parameter = &parameters[i];
        const char *value = own ? pairs_find(&own->values, parameter->name) : NULL;
        if (parameter->setting)
            pairs_set(out, parameter->setting, value ? value : parameter->value);
    }
}

bool group_node_start(struct endpoint *endpoint, struct group *group, const struct node *node,
                      struct error *err) {
    char primary_address[16];
    AUTO(pairs_clear) struct pairs settings = { 0 };
    group_settings(&endpoint->state, group, &settings);
    struct node_setup setup = {
        .maxmemory_bytes = node_type_find(group->node_type)->maxmemory_bytes,
        .settings = &settings,
        .cluster = group->cluster,
        .restricted_cluster = true,
    };
    if (group->cluster && group->migration.sent) {
        setup.node_timeout_ms = CLUSTER_GRAFT_TIMEOUT_MS;
        setup.seldom = graft_is_large(group);
    }
    const struct node *primary = shard_primary(&group->nodes, node->shard);
    if (group->cluster) {
        if (!cluster_refresh(endpoint, node, err))
            return false;
    } else if (node->replica && primary) {
        node_address(&endpoint->state, primary, primary_address);
        setup.follow_host = primary_address;
        setup.follow_port = endpoint->state.node_port;
    } else if (group->migration.sent && group->migration.host) {
        setup.follow_host = group->migration.host;
        setup.follow_port = group->migration.port;
    }
    return node_start(endpoint, node, &setup, err);
}

static bool is_ready(struct endpoint *endpoint, const struct node *node,
                     const struct redis_reply *answer, bool *ready, struct error *err) {
    AUTO(string_free) char *address = node_endpoint(&endpoint->state, node);
    *ready = answer != NULL;
    if (answer || node_is_alive(endpoint->dir, node))
        return true;
    error_set(err, ERROR_FAILED, "node '%s' at %s ended at once", node->id, address);
    return error_hint(err, "read %s/nodes/%s/log", endpoint->dir, node->id);
}

bool nodes_wait_ready(struct endpoint *endpoint, const struct nodes *nodes, struct error *err) {
    const struct question question = { .words = { "PING" } };
    int64_t deadline = clock_mono_ms() + READY_DEADLINE_MS;
    AUTO(node_set_clear) struct node_set waiting = { 0 };
    node_set_add_all(&waiting, nodes);
    while (waiting.count) {
        AUTO(answers_clear) struct answers answers = { 0 };
        size_t left_count = 0;
        nodes_ask(&endpoint->state, waiting.items, waiting.count, &question, &answers);
        for (size_t i = 0; i < answers.count; i++) {
            bool ready = false;
            if (!is_ready(endpoint, waiting.items[i], answers.items[i], &ready, err))
                return false;
            if (ready)
                node_forget_data(endpoint->dir, waiting.items[i]);
            else
                waiting.items[left_count++] = waiting.items[i];
        }
        waiting.count = left_count;
        if (left_count && !clock_left_ms(deadline))
            return error_set(err, ERROR_DEADLINE, "node '%s' does not answer",
                             waiting.items[0]->id);
        if (left_count)
            clock_sleep_ms(5);
    }
    return true;
}

static bool resume_group(struct endpoint *endpoint, struct group *group, struct error *err) {
    for (size_t i = 0; i < group->nodes.count; i++)
        if (!node_is_alive(endpoint->dir, &group->nodes.items[i]) &&
            !group_node_start(endpoint, group, &group->nodes.items[i], err))
            return false;
    return nodes_wait_ready(endpoint, &group->nodes, err);
}

bool nodes_resume(struct endpoint *endpoint, struct error *err) {
    if (!source_resume(endpoint, err))
        return false;
    for (size_t i = 0; i < endpoint->state.groups.count; i++)
        if (!resume_group(endpoint, &endpoint->state.groups.items[i], err))
            return false;
    return true;
}
