#include "providers/local/actions/serverless.h"

bool refuse_serverless(struct request *request) {
    const char *name = NULL;
    if (!request_required(request, "ServerlessCacheName", &name))
        return false;
    return refuse(request->refusal, API_ERROR_SERVERLESS_NOT_FOUND,
                  "Serverless cache %s not found (this endpoint does not run serverless caches)",
                  name);
}
