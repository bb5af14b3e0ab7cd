#include "providers/local/actions/serverless.h"

bool serve_stop_migration(struct request *request) {
    return refuse_serverless(request);
}
