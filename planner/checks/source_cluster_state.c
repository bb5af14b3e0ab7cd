#include "planner/checks/check.h"

static void run(const struct check_input *input, struct findings *out) {
    const char *state = input->observed->source.agreement.state;
    if (input->situation->clustered && input->situation->looked && !check_is(state, "ok"))
        check_found(input, out, "the cluster", "cluster_state is %s, not ok",
                    state ? state : "unknown");
}

const struct check check_source_cluster_state = {
    .title = "The cluster reports that it is healthy",
    .reads = "CLUSTER INFO cluster_state",
    .cause = "CLUSTER INFO reports a cluster_state other than ok: some slots are not served, or "
             "the majority of the primaries is unreachable.",
    .risk = "StartMigration fails, and writers get CLUSTERDOWN.",
    .remedy = "repair the cluster (redis-cli --cluster check ADDRESS shows what is wrong), then "
              "plan again",
    .severity = SEVERITY_ERROR,
    .run = run,
};
