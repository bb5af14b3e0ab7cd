#include <string.h>

#include "providers/elasticache/service.h"
#include "schemas/base/memory.h"

#define ROLE_IN_USE ":assumed-role/"

/* Of the policies: the user itself, or the role that a session came from. A session's ARN leaves
 * the path of its role out, so that a role that has one is not found under this name. */
static char *principal_of(const char *caller) {
    const char *service = strstr(caller, ":sts::"), *role = strstr(caller, ROLE_IN_USE);
    if (!service)
        return strstr(caller, ":iam::") ? xstrdup(caller) : NULL;
    if (!role || role < service)
        return NULL;
    const char *account = service + strlen(":sts::"), *name = role + strlen(ROLE_IN_USE);
    return xasprintf("%.*s:iam::%.*s:role/%.*s", (int)(service - caller), caller,
                     (int)(role - account), account, (int)strcspn(name, "/"), name);
}

static bool is_root(const char *caller) {
    const char *last = strrchr(caller, ':');
    return last && strcmp(last, ":root") == 0;
}

static void read_result(void *context, const struct xml *result) {
    struct service_rights *rights = context;
    const struct xml *one = xml_first(xml_first(result, "EvaluationResults"), "member");
    for (; one; one = xml_next(one, "member")) {
        const char *action = xml_text(one, "EvalActionName"),
                   *decision = xml_text(one, "EvalDecision");
        if (!action || !decision || strcmp(decision, "allowed") == 0)
            continue;
        bool depends = xml_count(xml_first(one, "MissingContextValues"), "member") > 0;
        strings_add(depends ? &rights->unclear : &rights->denied, action);
    }
}

bool elasticache_simulate(struct elasticache *service, const struct rights_question *question,
                          int64_t deadline_mono_ms, struct service_rights *out, struct error *err) {
    const struct strings *actions = question->actions;
    AUTO(string_free) char *principal = principal_of(question->caller);
    AUTO(query_clear) struct query query = { 0 };
    AUTO(service_rights_clear) struct service_rights rights = { 0 };
    service_rights_clear(out);
    if (is_root(question->caller) || !actions->count)
        return true;
    if (!principal)
        return error_set(err, ERROR_NOT_FOUND,
                         "'%s' is not a user or role whose policies can be simulated",
                         question->caller);
    if (!service->endpoints[SERVICE_IAM].url)
        return error_set(err, ERROR_NOT_FOUND, "the IAM endpoint of '%s' is not known",
                         service->region);
    service_query(&action_simulate_principal_policy, &query);
    query_add(&query, "PolicySourceArn", principal);
    for (size_t i = 0; i < actions->count; i++)
        query_add_item(&query, "ActionNames.member", i + 1, NULL, actions->items[i]);
    query_add_item(&query, "ResourceArns.member", 1, NULL, question->resource);
    if (!service_pages(service, &query, deadline_mono_ms, read_result, &rights, err))
        return false;
    *out = MOVE(rights);
    return true;
}

void service_rights_clear(struct service_rights *rights) {
    strings_clear(&rights->denied);
    strings_clear(&rights->unclear);
}
