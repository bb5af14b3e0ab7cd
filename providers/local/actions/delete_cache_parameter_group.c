#include <string.h>

#include "providers/local/actions/action.h"
#include "providers/local/actions/parameter_sets.h"

bool serve_delete_cache_parameter_group(struct request *request) {
    AUTO(parameter_set_clear) struct parameter_set set = { 0 };
    struct state *state = &request->endpoint->state;
    const char *name = NULL;
    if (!request_required(request, "CacheParameterGroupName", &name) ||
        !parameter_set_find(request, name, &set))
        return false;
    bool used = !set.own;
    for (size_t i = 0; i < state->groups.count && set.own; i++)
        used |= strcmp(state->groups.items[i].parameter_group, set.own->name) == 0;
    if (used)
        return refuse(request->refusal, API_ERROR_PARAMETER_GROUP_STATE,
                      "One or more cache clusters are still members of this parameter group %s, or "
                      "it is a default one, so the group cannot be deleted.",
                      set.name);
    state_remove_parameter_group(state, set.own->name);
    return true;
}
