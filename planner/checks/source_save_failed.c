#include "planner/checks/check.h"

static void run_node(const struct check_input *input, const struct observed_node *node,
                     struct findings *out) {
    if (node->save_failed)
        check_found(input, out, node->address, "the last background save failed");
}

const struct check check_source_save_failed = {
    .title = "The source can write snapshots",
    .reads = "INFO rdb_last_bgsave_status",
    .cause = "rdb_last_bgsave_status is not ok: the last fork or write of a snapshot failed, for "
             "lack of memory or disk space.",
    .risk = "The copy to the target starts with such a snapshot and may fail in the same way.",
    .remedy = "read the source's log, make room (disk, memory, vm.overcommit_memory=1), run BGSAVE",
    .severity = SEVERITY_WARNING,
    .facts = "rdb_last_bgsave_status",
    .unread = SEVERITY_NOTE,
    .run_node = run_node,
};
