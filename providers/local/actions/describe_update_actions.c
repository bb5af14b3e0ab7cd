#include "providers/local/actions/action.h"

/* Nobody updates this service. */
bool serve_describe_update_actions(struct request *request) {
    struct slice slice = { 0, 0 };
    if (!request_slice(request, 0, &slice))
        return false;
    answer_marker(request, &slice, 0);
    markup_empty(request->out, "UpdateActions");
    return true;
}
