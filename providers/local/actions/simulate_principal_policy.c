#include <string.h>

#include "providers/local/actions/action.h"
#include "providers/local/fault/faults.h"
#include "providers/local/state/endpoint.h"
#include "schemas/base/memory.h"

#define OF_THE_SERVICE "elasticache:"
#define ACTION_CEILING 100 /* more answers than this came in pages */

/* The account may do everything but what a fault denies it. */
static bool is_allowed(const struct request *request, const char *action) {
    size_t prefix = strlen(OF_THE_SERVICE);
    return strncmp(action, OF_THE_SERVICE, prefix) == 0 &&
           !fault_denies(request->endpoint->dir, action + prefix);
}

bool serve_simulate_principal_policy(struct request *request) {
    AUTO(strings_clear) struct strings actions = { 0 };
    const char *source = NULL, *resource = request_value(request, "ResourceArns.member.1");
    request_strings(request, "ActionNames.member", &actions);
    if (!request_required(request, "PolicySourceArn", &source))
        return false;
    if (strcmp(source, LOCAL_CALLER) != 0)
        return refuse(request->refusal, API_ERROR_NO_SUCH_ENTITY, "The entity %s cannot be found.",
                      source);
    if (!actions.count)
        return refuse(request->refusal, API_ERROR_MISSING_PARAMETER,
                      "The request must contain the parameter ActionNames.");
    if (actions.count > ACTION_CEILING)
        return refuse(request->refusal, API_ERROR_PARAMETER_VALUE, "More than %d actions.",
                      ACTION_CEILING);
    markup_open(request->out, "EvaluationResults");
    for (size_t i = 0; i < actions.count; i++) {
        markup_open(request->out, "member");
        markup_string(request->out, "EvalActionName", actions.items[i]);
        markup_string(request->out, "EvalResourceName", resource ? resource : "*");
        markup_string(request->out, "EvalDecision",
                      is_allowed(request, actions.items[i]) ? "allowed" : "implicitDeny");
        markup_close(request->out, "member");
    }
    markup_close(request->out, "EvaluationResults");
    markup_bool(request->out, "IsTruncated", false);
    return true;
}
