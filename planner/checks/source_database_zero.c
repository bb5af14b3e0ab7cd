#include "planner/checks/check.h"

#include <inttypes.h>

#include "planner/databases.h"

static int64_t highest_of(const struct observed_node *node) {
    int64_t highest = node->highest_database;
    for (size_t i = 0; i < node->databases.count; i++)
        if (node->databases.items[i].index > highest)
            highest = node->databases.items[i].index;
    return highest;
}

static void run_primary(const struct check_input *input, const struct observed_node *node,
                        struct findings *out) {
    int64_t highest = highest_of(node), count = databases_of_target(input->situation);
    const char *parameter = databases_parameter(input->situation);
    if (!input->situation->clustered || highest <= 0)
        return;
    bool fits = count > highest;
    struct finding *finding =
        check_found_as(input, out, fits ? SEVERITY_WARNING : SEVERITY_ERROR, node->address, "%s",
                       fits ? "there are keys outside database 0, whose migration is not documented"
                            : "there are keys outside database 0");
    finding_detail(finding, "the highest database in use is %" PRId64, highest);
    if (fits)
        finding_remedy(finding, "test the migration with a copy of this cluster first, or move the "
                                "keys to database 0");
    else if (parameter && !input->observed->target.exists)
        finding_remedy(finding,
                       "move the keys to database 0, or set target.parameters.%s to \"%" PRId64
                       "\" or more",
                       parameter, highest + 1);
}

const struct check check_source_database_zero = {
    .title = "All keys of the cluster are in database 0",
    .reads = "INFO keyspace; DescribeCacheParameters cluster-databases",
    .cause = "INFO keyspace shows other databases (Valkey 9 supports them in cluster mode). "
             "Replication groups in cluster mode have database 0 only, from Valkey 9.0 on as many "
             "as the parameter cluster-databases says, which can be set only before the group is "
             "created. The migration of other databases is not documented.",
    .risk = "Those keys cannot be copied, or the copy fails.",
    .remedy = "move the keys to database 0, or to another cluster",
    .severity = SEVERITY_ERROR,
    .facts = "keyspace",
    .unread = SEVERITY_WARNING,
    .of_clusters = true,
    .run_primary = run_primary,
};
