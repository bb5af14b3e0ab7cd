#include "planner/checks/check.h"

static void run_target(const struct check_input *input, const struct observed_target *target,
                       struct findings *out) {
    if (target->node_reachable || target->transit_encryption || target->serverless)
        return;
    bool coming = check_is(target->status, "creating");
    if (coming)
        return;
    struct finding *finding = check_found(input, out, check_target(input),
                                          "the target's primary does not answer INFO from here");
    if (target->node_problem)
        finding_detail(finding, "%s", target->node_problem);
}

const struct check check_target_node_reachable = {
    .title = "The target's nodes can be asked from here",
    .cause = "The service does not tell how far the copy is: only INFO of the target's primary "
             "does, and it did not answer from this machine.",
    .risk = "In sync could not be seen, the target could not be compared, and the cutover not "
            "proven.",
    .remedy = "run ecmig where the target's subnets can be reached, and open its security group "
              "for this machine",
    .severity = SEVERITY_ERROR,
    .when_aborting = true,
    .run_target = run_target,
};
