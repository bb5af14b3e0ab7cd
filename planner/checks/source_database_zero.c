#include "planner/checks/check.h"

#include <inttypes.h>

static void run_primary(const struct check_input *input, const struct observed_node *node,
                        struct findings *out) {
    int64_t highest = node->highest_database;
    for (size_t i = 0; i < node->databases.count; i++)
        if (node->databases.items[i].index > highest)
            highest = node->databases.items[i].index;
    if (input->situation->clustered && highest > 0)
        finding_detail(check_found(input, out, node->address, "there are keys outside database 0"),
                       "the highest database in use is %" PRId64, highest);
}

const struct check check_source_database_zero = {
    .title = "All keys of the cluster are in database 0",
    .reads = "INFO keyspace",
    .cause = "INFO keyspace shows other databases (Valkey 9 supports them in cluster mode). "
             "Replication groups in cluster mode have database 0 only, and the migration of other "
             "databases is not documented.",
    .risk = "Those keys cannot be copied, or the copy fails.",
    .remedy = "move the keys to database 0, or to another cluster",
    .severity = SEVERITY_ERROR,
    .facts = "keyspace",
    .unread = SEVERITY_WARNING,
    .of_clusters = true,
    .run_primary = run_primary,
};
