/* Starting nodes in the role that the state gives them: at creation, after a down, after a death.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "providers/local/nodes.h"
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
    };
    if (node->replica && group_primary(group)) {
        node_address(&endpoint->state, group_primary(group), primary_address);
        setup.follow_host = primary_address;
        setup.follow_port = endpoint->state.node_port;
    } else if (group->migration.sent && group->migration.host) {
        setup.follow_host = group->migration.host;
        setup.follow_port = group->migration.port;
    }
    return node_start(endpoint, node, &setup, err);
}

/* What a self-hosted server of long standing has: nothing was prepared for a migration. */
bool source_start(struct endpoint *endpoint, struct error *err) {
    struct node_setup setup = { 0 };
    return node_start(endpoint, &endpoint->state.source.items[0], &setup, err);
}

static bool wait_ready(struct endpoint *endpoint, const struct node *node, struct error *err) {
    char address[16];
    node_address(&endpoint->state, node, address);
    int64_t deadline = clock_mono_ms() + READY_DEADLINE_MS;
    while (!node_answers(&endpoint->state, node)) {
        if (!node_is_alive(endpoint->dir, node)) {
            error_set(err, ERROR_FAILED, "node '%s' at %s ended at once", node->id, address);
            return error_hint(err, "read %s/nodes/%s/log", endpoint->dir, node->id);
        }
        if (!clock_left_ms(deadline))
            return error_set(err, ERROR_DEADLINE, "node '%s' at %s does not answer", node->id,
                             address);
        clock_sleep_ms(5);
    }
    node_forget_data(endpoint->dir, node);
    return true;
}

bool source_resume(struct endpoint *endpoint, struct error *err) {
    if (!endpoint->state.source.count)
        return true;
    const struct node *node = &endpoint->state.source.items[0];
    return (node_is_alive(endpoint->dir, node) || source_start(endpoint, err)) &&
           wait_ready(endpoint, node, err);
}

static bool resume_group(struct endpoint *endpoint, struct group *group, struct error *err) {
    for (size_t i = 0; i < group->nodes.count; i++)
        if (!node_is_alive(endpoint->dir, &group->nodes.items[i]) &&
            !group_node_start(endpoint, group, &group->nodes.items[i], err))
            return false;
    for (size_t i = 0; i < group->nodes.count; i++)
        if (!wait_ready(endpoint, &group->nodes.items[i], err))
            return false;
    return true;
}

bool nodes_resume(struct endpoint *endpoint, struct error *err) {
    if (!source_resume(endpoint, err))
        return false;
    for (size_t i = 0; i < endpoint->state.groups.count; i++)
        if (!resume_group(endpoint, &endpoint->state.groups.items[i], err))
            return false;
    return true;
}
