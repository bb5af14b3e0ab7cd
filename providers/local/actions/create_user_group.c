#include <string.h>

#include "providers/local/actions/action.h"
#include "providers/local/actions/users.h"
#include "schemas/base/memory.h"

/* Every user is there, and no two have a name in common; one is called default on Redis. */
static bool check_users(struct request *request, const struct strings *ids, const char *engine) {
    AUTO(strings_clear) struct strings names = { 0 };
    for (size_t i = 0; i < ids->count; i++) {
        const struct user *user = state_user(&request->endpoint->state, ids->items[i]);
        if (!user)
            return refuse(request->refusal, API_ERROR_USER_NOT_FOUND, "User %s not found.",
                          ids->items[i]);
        if (strings_has(&names, user->name))
            return refuse(request->refusal, API_ERROR_DUPLICATE_USER_NAME,
                          "Two users of the user group have the user name %s.", user->name);
        strings_add(&names, user->name);
    }
    if (strcmp(engine, "redis") == 0 && !strings_has(&names, "default"))
        return refuse(request->refusal, API_ERROR_DEFAULT_USER_REQUIRED,
                      "You must add a user with the user name default to the user group.");
    return true;
}

bool serve_create_user_group(struct request *request) {
    AUTO(strings_clear) struct strings ids = { 0 };
    const char *id = NULL, *engine = NULL;
    request_strings(request, "UserIds.member", &ids);
    if (!request_required(request, "UserGroupId", &id) || !request_user_engine(request, &engine) ||
        !check_user_id(request, "UserGroupId", id) || !check_users(request, &ids, engine))
        return false;
    if (state_user_group(&request->endpoint->state, id))
        return refuse(request->refusal, API_ERROR_USER_GROUP_EXISTS,
                      "User group %s already exists.", id);
    struct user_group *group = LIST_ADD(&request->endpoint->state.user_groups);
    *group =
        (struct user_group){ .id = xstrdup(id), .engine = xstrdup(engine), .user_ids = MOVE(ids) };
    answer_user_group(request, group);
    return true;
}
