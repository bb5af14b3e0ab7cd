#include "providers/local/actions/action.h"
#include "providers/local/actions/users.h"

bool serve_describe_user_groups(struct request *request) {
    const struct state *state = &request->endpoint->state;
    struct user_group *only = NULL;
    bool one = request_value(request, "UserGroupId") != NULL;
    if (one && !request_user_group(request, &only))
        return false;
    size_t total = one ? 1 : state->user_groups.count;
    struct slice slice = { 0, 0 };
    if (!request_slice(request, total, &slice))
        return false;
    markup_open(request->out, "UserGroups");
    for (size_t i = slice.first; i < slice.end; i++) {
        markup_open(request->out, "member");
        answer_user_group(request, one ? only : &state->user_groups.items[i]);
        markup_close(request->out, "member");
    }
    markup_close(request->out, "UserGroups");
    answer_marker(request, &slice, total);
    return true;
}
