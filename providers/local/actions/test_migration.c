#include "providers/local/actions/migration_request.h"

bool serve_test_migration(struct request *request) {
    return migration_request(request, PHASE_TESTING, request->endpoint->pace.test_ms);
}
