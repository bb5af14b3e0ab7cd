#include "planner/checks/check.h"

#include "schemas/base/memory.h"
#include "schemas/base/units.h"

#define HEAD_ROOM_PERCENT 10 /* sizes in memory differ between versions and allocators */

static void run(const struct check_input *input, struct findings *out) {
    const struct observed_target *target = &input->observed->target;
    const struct observed_node *node = input->now->primary;
    const char *type = situation_target_node_type(input->now);
    if (!target->reachable || !node || !node->reachable || !type)
        return;
    if (!target->data_room_bytes) {
        check_found_as(input, out, SEVERITY_WARNING, check_target(input),
                       "it is not known how much %s holds", type);
        return;
    }
    int64_t need = node->used_memory_bytes + node->used_memory_bytes / 100 * HEAD_ROOM_PERCENT;
    if (need <= target->data_room_bytes)
        return;
    AUTO(string_free) char *used = units_bytes(node->used_memory_bytes);
    AUTO(string_free) char *room = units_bytes(target->data_room_bytes);
    struct finding *finding =
        check_found(input, out, check_target(input), "%s is too small for the source's data", type);
    finding_detail(finding,
                   "the source uses %s; the target holds %s after its reserve, and %d %% of "
                   "head-room are wanted",
                   used, room, HEAD_ROOM_PERCENT);
}

const struct check check_target_memory = {
    .title = "The data fits into the target",
    .cause = "The used memory of the source with a tenth of head-room exceeds maxmemory of the "
             "target's node type less its reserved memory.",
    .risk =
        "A replica ignores maxmemory: the target fills up unnoticed, and evicts keys or refuses "
        "writes the moment it is promoted.",
    .remedy = "choose a larger target.node_type",
    .severity = SEVERITY_ERROR,
    .run = run,
};
