#include "providers/local/actions/action.h"
#include "providers/local/actions/answers.h"
#include "providers/local/service/phase.h"

/* A group that migrates may be deleted: the service allows it, and people use it as a hard stop. */
bool serve_delete_replication_group(struct request *request) {
    struct group *group = NULL;
    if (!request_group(request, &group))
        return false;
    if (group->phase == PHASE_CREATING || group->phase == PHASE_DELETING)
        return refuse(request->refusal, API_ERROR_GROUP_STATE,
                      "Replication group %s has status %s which is not valid for deletion.",
                      group->id, group_status((enum group_phase)group->phase));
    if (request_value(request, "FinalSnapshotIdentifier"))
        return refuse(request->refusal, API_ERROR_PARAMETER_COMBINATION,
                      "The local endpoint does not offer snapshots yet.");
    group_enter(request->endpoint, group, PHASE_DELETING, request->endpoint->pace.delete_ms);
    answer_group(request, group);
    return true;
}
