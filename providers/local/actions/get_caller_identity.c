#include "providers/local/actions/action.h"
#include "providers/local/state/endpoint.h"

bool serve_get_caller_identity(struct request *request) {
    markup_string(request->out, "Arn", LOCAL_CALLER);
    markup_string(request->out, "UserId", "AIDALOCALENDPOINT000");
    markup_string(request->out, "Account", LOCAL_ACCOUNT);
    return true;
}
