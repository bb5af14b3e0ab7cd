#include "providers/local/actions/migration_request.h"
#include "providers/local/actions/serverless.h"

bool serve_start_migration(struct request *request) {
    bool flag = false;
    if (!request_bool(request, "AutoCutover", &flag) ||
        !request_bool(request, "ClearTargetCacheData", &flag))
        return false;
    bool serverless = request_value(request, "ServerlessCacheName") != NULL;
    if (serverless && request_value(request, "ReplicationGroupId"))
        return refuse(request->refusal, API_ERROR_PARAMETER_COMBINATION,
                      "ReplicationGroupId and ServerlessCacheName exclude each other.");
    if (serverless)
        return refuse_serverless(request);
    return migration_request(request, PHASE_STARTING, request->endpoint->pace.start_ms);
}
