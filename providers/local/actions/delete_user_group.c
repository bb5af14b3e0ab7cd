#include "providers/local/actions/action.h"
#include "providers/local/actions/users.h"

bool serve_delete_user_group(struct request *request) {
    struct state *state = &request->endpoint->state;
    struct user_group *group = NULL;
    if (!request_user_group(request, &group))
        return false;
    if (user_group_holder(state, group->id))
        return refuse(request->refusal, API_ERROR_USER_GROUP_STATE,
                      "User group %s is in use by replication group %s.", group->id,
                      user_group_holder(state, group->id)->id);
    answer_user_group(request, group);
    state_remove_user_group(state, group);
    return true;
}
