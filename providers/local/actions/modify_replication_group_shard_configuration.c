#include <inttypes.h>

#include "providers/local/actions/action.h"

#define SHARDS_CEILING 500

/* Slots are not moved between nodes that serve them: it is refused, after the service's checks. */
bool serve_modify_replication_group_shard_configuration(struct request *request) {
    struct group *group = NULL;
    const char *given = NULL;
    int64_t wanted = 0;
    bool now = false;
    if (!request_available_group(request, &group) ||
        !request_required(request, "NodeGroupCount", &given) ||
        !request_int(request, "NodeGroupCount", 1, SHARDS_CEILING, &wanted) ||
        !request_bool(request, "ApplyImmediately", &now))
        return false;
    if (!now)
        return refuse(request->refusal, API_ERROR_PARAMETER_VALUE,
                      "ApplyImmediately must be true.");
    if (!group->cluster)
        return refuse(request->refusal, API_ERROR_PARAMETER_COMBINATION,
                      "Resharding requires cluster mode enabled.");
    if (wanted == (int64_t)group->shards.count)
        return refuse(request->refusal, API_ERROR_PARAMETER_VALUE,
                      "The replication group has %" PRId64 " node groups already.", wanted);
    return refuse(request->refusal, API_ERROR_PARAMETER_COMBINATION,
                  "The local endpoint does not offer resharding yet.");
}
