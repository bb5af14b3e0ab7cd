#include <string.h>

#include "providers/local/actions/migration_request.h"
#include "providers/local/actions/serverless.h"

#define TLS "SourceTlsConfiguration."

static bool check_tls(struct request *request) {
    const char *mode = request_value(request, TLS "SourceTlsMode");
    const char *certificate = request_value(request, TLS "SourceTlsCertificate");
    if (mode && strcmp(mode, "none") != 0 && strcmp(mode, "verify-ca") != 0)
        return refuse(request->refusal, API_ERROR_PARAMETER_VALUE,
                      "SourceTlsMode must be none or verify-ca, not %s.", mode);
    if (certificate && (!mode || strcmp(mode, "none") == 0))
        return refuse(request->refusal, API_ERROR_PARAMETER_COMBINATION,
                      "SourceTlsCertificate needs the mode verify-ca.");
    return true;
}

bool serve_prepare_migration(struct request *request) {
    const char *name = NULL, *host = NULL;
    int64_t port = 0;
    return request_required(request, "ServerlessCacheName", &name) &&
           migration_endpoint(request, &host, &port) && check_tls(request) &&
           refuse_serverless(request);
}
