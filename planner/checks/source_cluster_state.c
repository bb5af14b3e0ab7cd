#include "planner/checks/check.h"

static void run(const struct check_input *input, struct findings *out) {
    const char *state = input->observed->source.agreement.state;
    if (input->now->clustered && input->now->looked && !check_is(state, "ok"))
        check_found(input, out, "the cluster", "cluster_state is %s, not ok",
                    state ? state : "unknown");
}

const struct check check_source_cluster_state = {
    .title = "The cluster says that it is well",
    .reads = "CLUSTER INFO cluster_state",
    .cause = "cluster_state of CLUSTER INFO is not ok: a part of the slots is not served, or the "
             "majority of the primaries cannot be reached.",
    .risk = "StartMigration fails, and writers meet CLUSTERDOWN.",
    .remedy = "repair the cluster (redis-cli --cluster check ADDRESS tells what is wrong), then "
              "plan again",
    .severity = SEVERITY_ERROR,
    .run = run,
};
