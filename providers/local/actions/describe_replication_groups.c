#include "providers/local/actions/action.h"
#include "providers/local/actions/answers.h"

bool serve_describe_replication_groups(struct request *request) {
    struct state *state = &request->endpoint->state;
    struct slice slice = { 0, 0 };
    struct group *only = NULL;
    if (request_value(request, "ReplicationGroupId") && !request_group(request, &only))
        return false;
    size_t total = only ? 1 : state->groups.count;
    if (!request_slice(request, total, &slice))
        return false;
    answer_marker(request, &slice, total);
    markup_open(request->out, "ReplicationGroups");
    for (size_t i = slice.first; i < slice.end; i++)
        answer_group(request, only ? only : &state->groups.items[i]);
    markup_close(request->out, "ReplicationGroups");
    return true;
}
