#include "planner/checks/check.h"

static void run(const struct check_input *input, struct findings *out) {
    const struct strings *list = &input->observed->source.agreement.other_views;
    for (size_t i = 0; input->situation->clustered && i < list->count; i++)
        check_found(input, out, list->items[i], "its view of the cluster differs from the others'");
}

const struct check check_source_views = {
    .title = "All members have the same view of the cluster",
    .reads = "CLUSTER NODES of every member",
    .cause = "Members disagree about slots, roles or membership: a change is propagating, or the "
             "network is partitioned.",
    .risk = "The target may follow the wrong primary, and a fence may miss one.",
    .remedy =
        "wait until the views agree (redis-cli --cluster call ADDRESS CLUSTER NODES shows each), "
        "then plan again; introduce a member that another does not know with CLUSTER MEET",
    .severity = SEVERITY_ERROR,
    .run = run,
};
