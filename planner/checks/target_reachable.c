#include "planner/checks/check.h"

static void run(const struct check_input *input, struct findings *out) {
    const struct observed_target *target = &input->observed->target;
    if (target->reachable)
        return;
    struct finding *finding =
        check_found(input, out, check_target(input), "the service did not answer");
    finding_detail(finding, "%s", target->problem ? target->problem : "no answer");
    if (target->problem_remedy)
        finding_remedy(finding, "%s", target->problem_remedy);
}

const struct check check_target_reachable = {
    .title = "The service answers",
    .reads = "GetCallerIdentity, DescribeReplicationGroups",
    .cause = "The ElastiCache endpoint did not answer, or refused the credentials or the action.",
    .risk = "The target's state is unknown, so no plan can be made.",
    .remedy = "check region, endpoint_url, profile and credentials (AWS_ACCESS_KEY_ID, "
              "AWS_PROFILE), the clock of this machine, and the permission to describe",
    .severity = SEVERITY_ERROR,
    .when_aborting = true,
    .run = run,
};
