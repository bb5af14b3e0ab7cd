#include <string.h>

#include "planner/checks/check.h"
#include "planner/modify.h"
#include "schemas/base/memory.h"

#define DEFAULT "default."

/* "default.valkey8.cluster.on" -> "valkey8". The caller frees. */
static char *family_of(const char *group) {
    const char *family = group + strlen(DEFAULT), *cluster = strstr(family, ".cluster.on");
    return xasprintf("%.*s", (int)(cluster ? cluster - family : (long)strlen(family)), family);
}

static void run_target(const struct check_input *input, const struct observed_target *target,
                       struct findings *out) {
    const char *group = target->parameter_group, *owner = input->config->target.managed_by;
    if (!group || strncmp(group, DEFAULT, strlen(DEFAULT)) != 0 ||
        modify_gets_parameter_group(input->situation) || !check_is(target->status, "available") ||
        input->situation->promoted)
        return;
    struct finding *finding = check_found(input, out, check_target(input),
                                          "it uses the service's parameter group %s", group);
    if (!owner)
        return;
    AUTO(string_free)
    char *family = family_of(group), *own = config_parameter_group(check_target(input));
    finding_remedy(
        finding,
        "give it a group of its own with %s; in Terraform, an "
        "aws_elasticache_parameter_group with name = \"%s\" and family = \"%s\"%s, and in "
        "the replication group parameter_group_name = \"%s\"; or waive this",
        owner, own, family,
        target->cluster_enabled ? " and the parameter cluster-enabled = \"yes\"" : "", own);
}

const struct check check_target_default_parameters = {
    .title = "The target has a parameter group of its own",
    .reads = "DescribeCacheClusters CacheParameterGroupName",
    .cause =
        "The group uses a default parameter group of the service, which cannot be changed, and "
        "ecmig does not attach another one: target.managed_by names an owner, or the file "
        "gives no property of the group that ecmig may change.",
    .risk = "A parameter cannot be set later without attaching a group first, for example "
            "min-replicas-to-write, with which the target is fenced when the applications are to "
            "return to the source.",
    .remedy = "create a parameter group of the same family, attach it before the migration, or "
              "give a property of the group in the file (for example target.parameters), so that "
              "ecmig attaches one; or waive this",
    .severity = SEVERITY_NOTE,
    .run_target = run_target,
};
