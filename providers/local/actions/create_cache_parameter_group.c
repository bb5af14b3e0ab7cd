#include <ctype.h>
#include <string.h>

#include "providers/local/actions/action.h"
#include "providers/local/actions/answers.h"
#include "providers/local/actions/parameter_sets.h"
#include "schemas/base/memory.h"

static bool check_name(struct request *request, const char *name) {
    bool well = strlen(name) <= 255 && isalpha((unsigned char)name[0]);
    for (const char *at = name; well && *at; at++)
        well = isalnum((unsigned char)*at) || *at == '-';
    if (!well)
        return refuse(request->refusal, API_ERROR_PARAMETER_VALUE,
                      "The parameter CacheParameterGroupName is not a valid identifier: %s", name);
    if (state_parameter_group(&request->endpoint->state, name))
        return refuse(request->refusal, API_ERROR_PARAMETER_GROUP_EXISTS,
                      "CacheParameterGroup %s already exists", name);
    return true;
}

bool serve_create_cache_parameter_group(struct request *request) {
    AUTO(strings_clear) struct strings families = { 0 };
    const char *name = NULL, *family = NULL, *description = NULL;
    if (!request_required(request, "CacheParameterGroupName", &name) ||
        !request_required(request, "CacheParameterGroupFamily", &family) ||
        !request_required(request, "Description", &description) || !check_name(request, name))
        return false;
    default_families(request->endpoint, &families);
    if (!strings_has(&families, family))
        return refuse(request->refusal, API_ERROR_PARAMETER_VALUE,
                      "CacheParameterGroupFamily %s is not a valid parameter group family.",
                      family);
    struct parameter_group *group = LIST_ADD(&request->endpoint->state.parameter_groups);
    group->name = xstrdup(name);
    for (char *at = group->name; *at; at++)
        *at = (char)tolower((unsigned char)*at);
    group->family = xstrdup(family);
    group->description = xstrdup(description);
    markup_open(request->out, "CacheParameterGroup");
    markup_string(request->out, "CacheParameterGroupName", group->name);
    markup_string(request->out, "CacheParameterGroupFamily", group->family);
    markup_string(request->out, "Description", group->description);
    markup_bool(request->out, "IsGlobal", false);
    answer_arn(request->out, request->region, "parametergroup", group->name);
    markup_close(request->out, "CacheParameterGroup");
    return true;
}
