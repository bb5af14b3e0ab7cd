#include "planner/checks/check.h"

#include <string.h>

#include "planner/diff.h"
#include "planner/modify.h"
#include "schemas/observed/properties.h"

/* What decides neither where the data goes nor whether it fits does not block. */
static bool is_light(const char *field) {
    const struct target_property *property = property_find(field);
    return strncmp(field, "tags.", 5) == 0 || (property && property->about == PROPERTY_UPKEEP);
}

static void tell(const struct check_input *input, const struct difference *one,
                 struct findings *out) {
    const char *owner = input->config->target.managed_by;
    const char *obstacle = modify_obstacle(input->situation, one);
    enum severity severity = is_light(one->field) ? SEVERITY_WARNING : SEVERITY_ERROR;
    struct finding *finding = NULL;
    if (!obstacle)
        return; /* a step changes it */
    if (one->seen)
        finding = check_found_as(input, out, severity, check_target(input),
                                 "%s is \"%s\", the file says \"%s\"", one->field, one->seen,
                                 one->wanted);
    else
        finding = check_found_as(input, out, severity, check_target(input),
                                 "%s is not set, the file says \"%s\"", one->field, one->wanted);
    if (owner)
        finding_remedy(
            finding, "change it with %s, which target.managed_by names, or change the file", owner);
    else
        finding_remedy(finding, "%s", obstacle);
}

static void run_target(const struct check_input *input, const struct observed_target *target,
                       struct findings *out) {
    AUTO(differences_clear) struct differences differences = { 0 };
    diff_target(&input->config->target, target, &differences);
    for (size_t i = 0; i < differences.count; i++)
        tell(input, &differences.items[i], out);
}

const struct check check_target_differs = {
    .title = "The existing target matches the file",
    .reads = "DescribeReplicationGroups, DescribeCacheClusters, DescribeCacheParameters, "
             "ListTagsForResource; file: target",
    .cause = "The replication group exists and differs from the migration file. Keys that the file "
             "leaves out are not compared. Steps of the plan change what the service can change on "
             "an available group, unless target.managed_by names another owner.",
    .risk = "The data would be copied into a group of a different size or shape than was reviewed.",
    .remedy = "change the group or the file",
    .severity = SEVERITY_ERROR,
    .run_target = run_target,
};
