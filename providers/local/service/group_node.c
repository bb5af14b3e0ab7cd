#include "providers/local/service/group_node.h"

#include <stdint.h>

#include "providers/local/machine/authority.h"
#include "providers/local/machine/cluster.h"
#include "providers/local/machine/node.h"
#include "providers/local/service/access.h"
#include "schemas/base/memory.h"

#define ZONES 3 /* of a region */
#define LARGE_FROM_NODES 20

char *zone_name(const struct group *group, int number) {
    return xasprintf("%s%c", group->region, 'a' + number % ZONES);
}

bool group_is_large(const struct group *group) {
    return group->nodes.count > LARGE_FROM_NODES;
}

static void group_settings(const struct state *state, const struct group *group,
                           struct pairs *out) {
    const struct parameter_group *own =
        state_parameter_group((struct state *)(uintptr_t)state, group->parameter_group);
    for (size_t i = 0; i < family_parameter_count; i++) {
        const struct parameter *parameter = &family_parameters[i];
        const char *value = own ? pairs_find(&own->values, parameter->name) : NULL;
        if (parameter->setting)
            pairs_set(out, parameter->setting, value ? value : parameter->value);
    }
}

bool group_node_start(struct endpoint *endpoint, struct group *group, const struct node *node,
                      struct error *err) {
    char primary_address[16];
    AUTO(pairs_clear) struct pairs settings = { 0 };
    AUTO(strings_clear) struct strings lines = { 0 };
    access_lines(&endpoint->state, group, &lines);
    group_settings(&endpoint->state, group, &settings);
    struct node_setup setup = {
        .maxmemory_bytes = node_type_find(group->node_type)->maxmemory_bytes,
        .settings = &settings,
        .cluster = group->cluster,
        .restricted_cluster = true,
        .transit = group_transit(group),
        .lines = &lines,
    };
    if (setup.transit != TRANSIT_OFF && !authority_certify(endpoint, node, err))
        return false;
    if (group->cluster && group->migration.sent) {
        setup.node_timeout_ms = CLUSTER_GRAFT_TIMEOUT_MS;
        setup.seldom = group_is_large(group);
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
