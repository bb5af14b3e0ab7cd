#include "providers/local/actions/users.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "providers/local/actions/answers.h"

#define ID_CEILING 40

bool check_user_id(struct request *request, const char *name, const char *id) {
    bool well = strlen(id) <= ID_CEILING && isalpha((unsigned char)id[0]);
    for (const char *at = id; well && *at; at++)
        well = isalnum((unsigned char)*at) || *at == '-';
    return well || refuse(request->refusal, API_ERROR_PARAMETER_VALUE, "Invalid value for %s: %s",
                          name, id);
}

bool request_user_engine(struct request *request, const char **out) {
    if (!request_required(request, "Engine", out))
        return false;
    return strcmp(*out, "redis") == 0 || strcmp(*out, "valkey") == 0 ||
           refuse(request->refusal, API_ERROR_PARAMETER_VALUE, "Invalid engine: %s", *out);
}

bool request_user(struct request *request, struct user **out) {
    const char *id = NULL;
    if (!request_required(request, "UserId", &id))
        return false;
    *out = state_user(&request->endpoint->state, id);
    return *out || refuse(request->refusal, API_ERROR_USER_NOT_FOUND, "User %s not found.", id);
}

bool request_user_group(struct request *request, struct user_group **out) {
    const char *id = NULL;
    if (!request_required(request, "UserGroupId", &id))
        return false;
    *out = state_user_group(&request->endpoint->state, id);
    return *out ||
           refuse(request->refusal, API_ERROR_USER_GROUP_NOT_FOUND, "User group %s not found.", id);
}

static bool has(const struct strings *ids, const char *id) {
    for (size_t i = 0; i < ids->count; i++)
        if (strcasecmp(ids->items[i], id) == 0)
            return true;
    return false;
}

const struct group *user_group_holder(const struct state *state, const char *id) {
    for (size_t i = 0; i < state->groups.count; i++) {
        const struct group *group = &state->groups.items[i];
        if (has(&group->access.user_groups, id) || has(&group->wanted_access.user_groups, id))
            return group;
    }
    return NULL;
}

static const char *minimum_version(const char *engine) {
    return strcmp(engine, "valkey") == 0 ? "7.2" : "6.0";
}

void answer_user(struct request *request, const struct user *user) {
    struct text *out = request->out;
    const struct state *state = &request->endpoint->state;
    markup_string(out, "UserId", user->id);
    markup_string(out, "UserName", user->name);
    markup_string(out, "Status", "active");
    markup_string(out, "Engine", user->engine);
    markup_string(out, "MinimumEngineVersion", minimum_version(user->engine));
    markup_string(out, "AccessString", user->access_string);
    markup_open(out, "UserGroupIds");
    for (size_t i = 0; i < state->user_groups.count; i++)
        if (has(&state->user_groups.items[i].user_ids, user->id))
            markup_string(out, "member", state->user_groups.items[i].id);
    markup_close(out, "UserGroupIds");
    markup_open(out, "Authentication");
    markup_string(out, "Type", user->no_password ? "no-password" : "password");
    if (!user->no_password)
        markup_int(out, "PasswordCount", (int64_t)user->passwords.count);
    markup_close(out, "Authentication");
    answer_arn(out, LOCAL_REGION, "user", user->id);
}

void answer_user_group(struct request *request, const struct user_group *group) {
    struct text *out = request->out;
    const struct state *state = &request->endpoint->state;
    const struct group *holder = user_group_holder(state, group->id);
    bool changes = holder && holder->access_changes;
    markup_string(out, "UserGroupId", group->id);
    markup_string(out, "Status", changes ? "modifying" : "active");
    markup_string(out, "Engine", group->engine);
    markup_open(out, "UserIds");
    for (size_t i = 0; i < group->user_ids.count; i++)
        markup_string(out, "member", group->user_ids.items[i]);
    markup_close(out, "UserIds");
    markup_string(out, "MinimumEngineVersion", minimum_version(group->engine));
    markup_open(out, "ReplicationGroups");
    for (size_t i = 0; i < state->groups.count; i++)
        if (has(&state->groups.items[i].access.user_groups, group->id))
            markup_string(out, "member", state->groups.items[i].id);
    markup_close(out, "ReplicationGroups");
    answer_arn(out, LOCAL_REGION, "usergroup", group->id);
}
