#include "planner/checks/check.h"

static const char *summary(const struct observed_target *target) {
    static const char *const silent[] = { "unreachable", "deadline", "lost_answer" };
    if (target->refused)
        return "the service refused a request";
    for (size_t i = 0; i < sizeof silent / sizeof *silent; i++)
        if (check_is(target->problem_code, silent[i]))
            return "the service did not answer";
    return check_is(target->problem_code, "format") ? "the service's answer could not be read"
                                                    : "the service could not be asked";
}

static void run(const struct check_input *input, struct findings *out) {
    const struct observed_target *target = &input->observed->target;
    if (target->reachable)
        return;
    struct finding *finding = check_found(input, out, check_target(input), "%s", summary(target));
    finding_detail(finding, "%s", target->problem ? target->problem : "no answer");
    if (target->problem_remedy)
        finding_remedy(finding, "%s", target->problem_remedy);
}

const struct check check_target_reachable = {
    .title = "The service answers",
    .reads = "GetCallerIdentity, DescribeReplicationGroups",
    .cause = "No credentials or region are set, the ElastiCache endpoint did not answer, or it "
             "refused the credentials or the action.",
    .risk = "The target's state is unknown, so no plan can be made.",
    .remedy = "check region, endpoint_url, profile and credentials (AWS_ACCESS_KEY_ID, "
              "AWS_PROFILE), the clock of this machine, and the permission to describe",
    .severity = SEVERITY_ERROR,
    .when_serverless = true,
    .when_aborting = true,
    .run = run,
};
