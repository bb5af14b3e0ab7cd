#include <stdlib.h>
#include <string.h>

#include "providers/local/actions/action.h"
#include "providers/local/actions/parameter_sets.h"
#include "providers/local/machine/ask.h"
#include "schemas/base/memory.h"

#define VALUES_CEILING 20
#define LIST "ParameterNameValues.ParameterNameValue"

static bool in_words(const char *words, const char *value) {
    size_t length = strlen(value);
    for (const char *at = words; length && (at = strstr(at, value)); at += length)
        if ((at == words || at[-1] == ',') && (!at[length] || at[length] == ','))
            return true;
    return false;
}

/* "1-10000", "0-", "0,20-" or words; what is not said allows anything. */
static bool is_allowed(const struct parameter *parameter, const char *value) {
    char *end = NULL;
    if (!*parameter->allowed)
        return true;
    if (strcmp(parameter->data_type, "integer") != 0)
        return in_words(parameter->allowed, value);
    long long number = strtoll(value, &end, 10);
    if (end == value || *end)
        return false;
    if (in_words(parameter->allowed, value))
        return true;
    const char *range = strrchr(parameter->allowed, ',');
    long long low = strtoll(range ? range + 1 : parameter->allowed, &end, 10);
    return number >= low && (*end != '-' || !end[1] || number <= strtoll(end + 1, NULL, 10));
}

static bool is_used(const struct state *state, const char *name) {
    for (size_t i = 0; i < state->groups.count; i++)
        if (strcmp(state->groups.items[i].parameter_group, name) == 0)
            return true;
    return false;
}

static bool check_value(struct request *request, const struct parameter_group *group,
                        const char *name, const char *value) {
    const struct parameter *parameter = parameter_find(name);
    if (!parameter)
        return refuse(request->refusal, API_ERROR_PARAMETER_VALUE,
                      "Could not find parameter with name: %s", name);
    if (!parameter->modifiable && strcmp(name, "cluster-enabled") != 0)
        return refuse(request->refusal, API_ERROR_PARAMETER_VALUE,
                      "The parameter %s cannot be modified.", name);
    if (!value || !is_allowed(parameter, value))
        return refuse(request->refusal, API_ERROR_PARAMETER_VALUE,
                      "Value %s for parameter %s is not in the allowed values %s",
                      value ? value : "", name, parameter->allowed);
    bool fixed = strcmp(name, "databases") == 0 || strcmp(name, "cluster-enabled") == 0;
    if (fixed && is_used(&request->endpoint->state, group->name))
        return refuse(request->refusal, API_ERROR_PARAMETER_GROUP_STATE,
                      "The parameter %s cannot be modified while a cluster uses the group.", name);
    return true;
}

static void apply(struct endpoint *endpoint, const struct parameter_group *group,
                  const struct parameter *parameter, const char *value) {
    for (size_t i = 0; parameter->setting && i < endpoint->state.groups.count; i++) {
        const struct group *user = &endpoint->state.groups.items[i];
        if (strcmp(user->parameter_group, group->name) == 0)
            nodes_configure(&endpoint->state, &user->nodes, parameter->setting, value);
    }
}

bool serve_modify_cache_parameter_group(struct request *request) {
    AUTO(parameter_set_clear) struct parameter_set set = { 0 };
    const char *name = NULL, *parameter = NULL;
    if (!request_required(request, "CacheParameterGroupName", &name) ||
        !parameter_set_find(request, name, &set))
        return false;
    if (!set.own)
        return refuse(request->refusal, API_ERROR_PARAMETER_GROUP_STATE,
                      "Default parameter group %s cannot be modified.", set.name);
    size_t count = 0;
    for (; (parameter = form_member(request->form, LIST, count + 1, "ParameterName")); count++)
        if (!check_value(request, set.own, parameter,
                         form_member(request->form, LIST, count + 1, "ParameterValue")))
            return false;
    if (count < 1 || count > VALUES_CEILING)
        return refuse(request->refusal, API_ERROR_PARAMETER_VALUE,
                      "ParameterNameValues must have 1 to %d elements.", VALUES_CEILING);
    struct parameter_group *group = state_parameter_group(&request->endpoint->state, set.name);
    for (size_t i = 1; i <= count; i++) {
        const char *value = form_member(request->form, LIST, i, "ParameterValue");
        parameter = form_member(request->form, LIST, i, "ParameterName");
        pairs_set(&group->values, parameter, value);
        apply(request->endpoint, group, parameter_find(parameter), value);
    }
    markup_string(request->out, "CacheParameterGroupName", group->name);
    return true;
}
