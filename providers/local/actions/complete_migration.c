#include "providers/local/actions/action.h"

/* With Force a migration is ended at any moment of it, without a look at the data. */
bool serve_complete_migration(struct request *request) {
    struct group *group = NULL;
    bool force = false;
    if (!request_group(request, &group) || !request_bool(request, "Force", &force))
        return false;
    if (!group->migration.host || group->phase == PHASE_TESTING)
        return refuse(request->refusal, FAULT_GROUP_NOT_MIGRATING,
                      "Replication group %s is not under migration.", group->id);
    bool may = group->phase == PHASE_MIGRATING ||
               (force && (group->phase == PHASE_STARTING || group->phase == PHASE_SYNCING));
    if (!may)
        return refuse(request->refusal, FAULT_GROUP_STATE,
                      "Replication group %s is not in a state in which a migration can be "
                      "completed.",
                      group->id);
    group->migration.force = force;
    group_enter(request->endpoint, group, PHASE_COMPLETING, request->endpoint->pace.complete_ms);
    answer_group(request, group);
    return true;
}
