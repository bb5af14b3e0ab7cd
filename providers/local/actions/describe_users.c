#include "providers/local/actions/action.h"
#include "providers/local/actions/users.h"

bool serve_describe_users(struct request *request) {
    const struct state *state = &request->endpoint->state;
    struct user *only = NULL;
    bool one = request_value(request, "UserId") != NULL;
    if (one && !request_user(request, &only))
        return false;
    size_t total = one ? 1 : state->users.count;
    struct slice slice = { 0, 0 };
    if (!request_slice(request, total, &slice))
        return false;
    markup_open(request->out, "Users");
    for (size_t i = slice.first; i < slice.end; i++) {
        markup_open(request->out, "member");
        answer_user(request, one ? only : &state->users.items[i]);
        markup_close(request->out, "member");
    }
    markup_close(request->out, "Users");
    answer_marker(request, &slice, total);
    return true;
}
