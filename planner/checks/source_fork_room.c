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
    struct finding *finding = check_found(input, out, node->address,
                                          "there is little free memory for a fork of the source");
    finding_detail(finding, "%s of %s are in use", used, whole);
}

const struct check check_source_fork_room = {
    .title = "The source has enough memory to fork",
    .reads = "INFO used_memory, total_system_memory",
    .cause = "The source forks once for the copy, and every page that is written meanwhile is "
             "duplicated. Less than a quarter of the used memory is free.",
    .risk = "Latency rises, the machine swaps, or the kernel kills the source because it is out of "
            "memory.",
    .remedy = "migrate at a quiet time, give the machine more memory, or set "
              "vm.overcommit_memory=1 and watch the memory",
    .severity = SEVERITY_WARNING,
    .facts = "used_memory total_system_memory",
    .unread = SEVERITY_WARNING,
    .run_primary = run_primary,
};
