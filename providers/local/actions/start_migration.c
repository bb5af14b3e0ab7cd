#include "providers/local/actions/migration_request.h"

bool serve_start_migration(struct request *request) {
    return migration_request(request, PHASE_STARTING, request->endpoint->pace.start_ms);
}
