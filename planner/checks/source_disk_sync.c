#include "planner/checks/check.h"

static void run_primary(const struct check_input *input, const struct observed_node *node,
                        struct findings *out) {
    if (check_is(pairs_find(&node->settings, "repl-diskless-sync"), "no"))
        check_found(input, out, node->address, "the snapshot is written to disk first");
}

const struct check check_source_disk_sync = {
    .title = "The copy does not use the source's disk",
    .reads = "CONFIG GET repl-diskless-sync",
    .cause = "repl-diskless-sync is no: the source writes its snapshot to disk before it sends it.",
    .risk = "The disk must have room for the snapshot; a slow or full disk delays the copy or "
            "makes it fail.",
    .remedy = "add repl-diskless-sync to source.manage, or set it to yes, if the network is faster "
              "than the disk",
    .severity = SEVERITY_NOTE,
    .setting = "repl-diskless-sync",
    .facts = "repl-diskless-sync",
    .unread = SEVERITY_NOTE,
    .run_primary = run_primary,
};
