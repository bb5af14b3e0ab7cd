#include "planner/checks/check.h"
#include "planner/modify.h"

#include "schemas/base/memory.h"
#include "schemas/base/units.h"

#define HEAD_ROOM_PERCENT 10 /* sizes in memory differ between versions and allocators */

/* Each shard of the source goes into one of the target: what counts is the largest that is left. */
static void check_shard(const struct check_input *input, const struct observed_node *node,
                        const struct observed_node *largest, struct findings *out) {
    int64_t room_bytes = input->observed->target.data_room_bytes;
    int64_t need = node->used_memory_bytes + node->used_memory_bytes / 100 * HEAD_ROOM_PERCENT;
    const char *type = modify_node_type(input->situation);
    if (need <= room_bytes)
        return;
    AUTO(string_free) char *used = units_bytes(largest->used_memory_bytes);
    AUTO(string_free) char *room = units_bytes(room_bytes);
    bool many = input->situation->primaries > 1;
    struct finding *finding =
        many ? check_found(input, out, node->address, "%s is too small for this shard", type)
             : check_found(input, out, check_target(input), "%s is too small for the source's data",
                           type);
    if (many)
        finding_remedy(
            finding,
            "choose a larger target.node_type, or move slots to other shards of the source first");
    AUTO(string_free)
    char *who =
        many ? xasprintf("the largest shard, %s,", largest->address) : xstrdup("the source");
    finding_detail(finding, "%s uses %s; %s holds %s after its reserve; %d %% headroom is needed",
                   who, used, many ? "a shard of the target" : "the target", room,
                   HEAD_ROOM_PERCENT);
}

static void run(const struct check_input *input, struct findings *out) {
    const struct observed_target *target = &input->observed->target;
    const struct observed_node *node, *largest = NULL;
    const char *type = modify_node_type(input->situation);
    struct primary_walk walk = { 0 };
    while ((node = situation_next_primary(input->situation, &walk)))
        if (node->reachable && (!largest || node->used_memory_bytes > largest->used_memory_bytes))
            largest = node;
    if (!target->reachable || !largest || !type)
        return;
    if (!target->data_room_bytes) {
        finding_remedy(check_found_as(input, out, SEVERITY_WARNING, check_target(input),
                                      "the capacity of %s is not known", type),
                       "look up its maxmemory: the source's data and %d %% more must fit",
                       HEAD_ROOM_PERCENT);
        return;
    }
    walk = (struct primary_walk){ 0 };
    while ((node = situation_next_primary(input->situation, &walk)))
        if (node->reachable)
            check_shard(input, node, largest, out);
}

const struct check check_target_memory = {
    .title = "The data fits into the target",
    .reads = "INFO used_memory; DescribeCacheParameters maxmemory, reserved-memory-percent",
    .cause = "The used memory of the source (in cluster mode, of one of its shards) plus a tenth "
             "of headroom exceeds maxmemory of the target's node type less its reserved memory.",
    .risk = "A replica ignores maxmemory: the target fills up unnoticed, and evicts keys or "
            "refuses writes as soon as it is promoted.",
    .remedy = "choose a larger target.node_type",
    .severity = SEVERITY_ERROR,
    .run = run,
};
