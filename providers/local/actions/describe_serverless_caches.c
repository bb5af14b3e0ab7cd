#include "providers/local/actions/serverless.h"

/* None is ever there: this endpoint makes replication groups only. */
bool serve_describe_serverless_caches(struct request *request) {
    if (request_value(request, "ServerlessCacheName"))
        return refuse_serverless(request);
    markup_empty(request->out, "ServerlessCaches");
    return true;
}
