#include "providers/local/service/resume.h"

#include "providers/local/machine/node.h"
#include "providers/local/machine/ready.h"
#include "providers/local/machine/source.h"
#include "providers/local/service/group_node.h"
#include "providers/local/service/transit.h"

static bool resume_group(struct endpoint *endpoint, struct group *group, struct error *err) {
    for (size_t i = 0; i < group->nodes.count; i++)
        if (!node_is_alive(endpoint->dir, &group->nodes.items[i]) &&
            !group_node_start(endpoint, group, &group->nodes.items[i], err))
            return false;
    transit_keep(endpoint, group);
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
