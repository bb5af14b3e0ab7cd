#include "planner/checks/check.h"
#include "schemas/base/memory.h"

static const struct {
    const char *action, *summary;
} rows[] = {
    { "DescribeServerlessCaches", "whether a serverless cache has this name is not known" },
    { "DescribeCacheEngineVersions", "which engine versions are offered is not known" },
    { "DescribeCacheParameters",
      "parameters of the group's family are not known: neither its room nor refused values" },
    { "DescribeCacheClusters", "a cluster that the group lists does not exist" },
};

static void run(const struct check_input *input, struct findings *out) {
    const struct observed_target *target = &input->observed->target;
    for (size_t i = 0; i < COUNT(rows); i++) {
        const char *why = pairs_find(&target->unknown, rows[i].action);
        if (why)
            finding_detail(check_found(input, out, check_target(input), "%s", rows[i].summary),
                           "%s", why);
    }
}

const struct check check_target_unknown = {
    .title = "Optional requests are answered",
    .reads = "DescribeServerlessCaches, DescribeCacheEngineVersions, DescribeCacheParameters, "
             "DescribeCacheClusters",
    .cause = "The service refused a request, does not know it, or did not answer it in time. A "
             "plan does not need the answer.",
    .risk = "What the answer would have warned of is found when the step runs.",
    .remedy = "allow it (ecmig explain iam FILE prints the policy), or continue without it",
    .severity = SEVERITY_NOTE,
    .when_serverless = true,
    .of_moment = true,
    .run = run,
};
