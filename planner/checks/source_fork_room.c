#include "planner/checks/check.h"

#include "schemas/base/memory.h"
#include "schemas/base/units.h"

#define ROOM_PERCENT 25 /* of the used memory, for pages that are copied while the child lives */

static void run_primary(const struct check_input *input, const struct observed_node *node,
                        struct findings *out) {
    if (!node->system_memory_bytes)
        return;
    int64_t room = node->system_memory_bytes - node->used_memory_bytes;
    if (room >= node->used_memory_bytes / 100 * ROOM_PERCENT)
        return;
    AUTO(string_free) char *used = units_bytes(node->used_memory_bytes);
    AUTO(string_free) char *whole = units_bytes(node->system_memory_bytes);
    struct finding *finding =
        check_found(input, out, node->address, "there is little memory to fork the source in");
    finding_detail(finding, "%s of %s are in use", used, whole);
}

const struct check check_source_fork_room = {
    .title = "The source has room to fork",
    .reads = "INFO used_memory, total_system_memory",
    .cause = "The source forks once for the copy; every page written meanwhile is doubled. Less "
             "than a quarter of the used memory is free.",
    .risk = "Latency, swapping, or the kernel ends the source for lack of memory.",
    .remedy = "migrate in a quiet hour, give the machine memory, or set vm.overcommit_memory=1 and "
              "watch it",
    .severity = SEVERITY_WARNING,
    .facts = "used_memory total_system_memory",
    .unread = SEVERITY_WARNING,
    .run_primary = run_primary,
};
