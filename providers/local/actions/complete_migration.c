#include "providers/local/actions/action.h"
#include "providers/local/actions/answers.h"
#include "providers/local/fault/faults.h"
#include "providers/local/service/phase.h"

/* With Force a migration is ended at any moment of it, without a look at the data. */
bool serve_complete_migration(struct request *request) {
    struct group *group = NULL;
    bool force = false;
    if (!request_group(request, &group) || !request_bool(request, "Force", &force))
        return false;
    if (!group->migration.host || group->phase == PHASE_TESTING)
        return refuse(request->refusal, API_ERROR_GROUP_NOT_MIGRATING,
                      "Replication group %s is not under migration.", group->id);
    bool may = !group->held_status &&
               (group->phase == PHASE_MIGRATING ||
                (force && (group->phase == PHASE_STARTING || group->phase == PHASE_SYNCING ||
                           group->phase == PHASE_RESHARDING || group->phase == PHASE_ACCEPTED)));
    if (!may)
        return refuse(request->refusal, API_ERROR_GROUP_STATE,
                      "Replication group %s is not in a state in which a migration can be "
                      "completed.",
                      group->id);
    group->migration.force = force;
    int64_t slow_ms = 0;
    if (!force && fault_on_phase(request->endpoint->dir, FAULT_SLOW_COMPLETE, &slow_ms))
        group_enter(request->endpoint, group, PHASE_ACCEPTED, slow_ms);
    else
        group_enter(request->endpoint, group, PHASE_COMPLETING,
                    request->endpoint->pace.complete_ms);
    answer_group(request, group);
    return true;
}
