#include <inttypes.h>

#include "providers/local/actions/action.h"
#include "providers/local/actions/answers.h"
#include "providers/local/machine/authority.h"
#include "providers/local/machine/node.h"
#include "providers/local/machine/relay.h"
#include "providers/local/service/group_node.h"
#include "providers/local/service/phase.h"
#include "providers/local/service/transit.h"
#include "schemas/base/memory.h"

#define REPLICAS_CEILING 5

static bool add_node(struct request *request, struct group *group, struct error *err) {
    struct endpoint *endpoint = request->endpoint;
    size_t number = group->nodes.count;
    const struct engine *engine =
        engines_pick(&endpoint->engines, group->engine, group->engine_version);
    AUTO(string_free) char *id = xasprintf("%s-%03zu", group->id, number + 1);
    if (!engine)
        return error_set(err, ERROR_NOT_FOUND, "the engine of the group is gone");
    struct node *node = node_add(endpoint, &group->nodes, id, NODE_SUBNET_TARGET, engine, true);
    node->replica = true;
    node->moved = group->nodes.items[0].moved;
    node->zone = zone_name(group, (int)number);
    return state_save(endpoint->dir, &endpoint->state, err) &&
           group_node_start(endpoint, group, node, err);
}

bool serve_increase_replica_count(struct request *request) {
    AUTO(error_clear) struct error err = { 0 };
    struct group *group = NULL;
    bool now = false;
    int64_t wanted = 0;
    if (!request_available_group(request, &group) ||
        !request_bool(request, "ApplyImmediately", &now) ||
        !request_int(request, "NewReplicaCount", 1, REPLICAS_CEILING, &wanted))
        return false;
    if (!now || !wanted || group->cluster)
        return refuse(request->refusal, API_ERROR_PARAMETER_COMBINATION,
                      "The local endpoint adds replicas at once, by NewReplicaCount, and to groups "
                      "without cluster mode.");
    int64_t present = (int64_t)group->nodes.count - 1;
    if (wanted <= present)
        return refuse(request->refusal, API_ERROR_NO_OPERATION,
                      "The replication group has %" PRId64 " replicas already.", present);
    while ((int64_t)group->nodes.count - 1 < wanted)
        if (!add_node(request, group, &err))
            return refuse(request->refusal, API_ERROR_INTERNAL, "%s", err.message);
    relay_end(request->endpoint->dir, group); /* which does not know the new nodes */
    transit_keep(request->endpoint, group);
    if (!authority_list_addresses(request->endpoint, &err))
        return refuse(request->refusal, API_ERROR_INTERNAL, "%s", err.message);
    group_enter(request->endpoint, group, PHASE_MODIFYING, request->endpoint->pace.modify_ms);
    answer_group(request, group);
    return true;
}
