#include "providers/local/actions/tagged.h"

#include <string.h>

bool tagged_group(struct request *request, struct group **out) {
    static const char kind[] = ":replicationgroup:";
    const char *arn = NULL;
    if (!request_required(request, "ResourceName", &arn))
        return false;
    const char *at = strstr(arn, kind);
    if (strncmp(arn, "arn:aws:elasticache:", 20) != 0 || !at)
        return refuse(request->refusal, API_ERROR_INVALID_ARN,
                      "The local endpoint has tags on replication groups only, not on %s.", arn);
    struct group *group = state_group(&request->endpoint->state, at + strlen(kind));
    if (!group)
        return refuse(request->refusal, API_ERROR_GROUP_NOT_FOUND, "ReplicationGroup %s not found.",
                      at + strlen(kind));
    if (group->phase != PHASE_AVAILABLE)
        return refuse(request->refusal, API_ERROR_GROUP_STATE,
                      "Cluster not in available state to perform tagging operations.");
    *out = group;
    return true;
}
