#include "providers/local/actions/action.h"

/* None is ever there: this endpoint makes replication groups only. */
bool serve_describe_serverless_caches(struct request *request) {
    const char *name = request_value(request, "ServerlessCacheName");
    if (name)
        return refuse(request->refusal, API_ERROR_SERVERLESS_NOT_FOUND,
                      "Serverless cache %s not found", name);
    markup_empty(request->out, "ServerlessCaches");
    return true;
}
