#include "providers/local/actions/action.h"
#include "providers/local/actions/users.h"
#include "schemas/base/memory.h"

bool serve_delete_user(struct request *request) {
    struct state *state = &request->endpoint->state;
    struct user *user = NULL;
    if (!request_user(request, &user))
        return false;
    for (size_t i = 0; i < state->user_groups.count; i++)
        if (strings_has(&state->user_groups.items[i].user_ids, user->id))
            return refuse(request->refusal, API_ERROR_USER_STATE,
                          "The local endpoint deletes a user after its user groups: %s is in %s.",
                          user->id, state->user_groups.items[i].id);
    answer_user(request, user);
    state_remove_user(state, user);
    return true;
}
