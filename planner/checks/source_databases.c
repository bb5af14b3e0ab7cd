#include "planner/checks/check.h"

#include <inttypes.h>

#include "planner/databases.h"
#include "planner/version.h"
#include "schemas/base/number.h"

/* Of the service; what the engines allow is more. */
static int64_t limit_of(const struct check_input *input) {
    const char *engine = situation_target_engine(input->situation);
    bool is_old = check_is(engine, "redis") &&
                  version_below(situation_target_version(input->situation), 6, 0, 0);
    return is_old ? 1200000 : 10000;
}

static void compare(const struct check_input *input, const struct observed_node *node,
                    const char *ours, struct findings *out) {
    int64_t count = databases_of_target(input->situation), limit = limit_of(input);
    if (number_or(ours, 0) == count)
        return;
    struct finding *finding = check_found(input, out, node->address,
                                          "databases is %s, on the target %" PRId64, ours, count);
    if (number_or(ours, 0) > limit)
        finding_remedy(finding,
                       "set databases on the source to %" PRId64 " or less, which is the most that "
                       "ElastiCache has, in its configuration file, and restart it; move keys that "
                       "are in higher databases first",
                       limit);
    else if (!input->observed->target.exists)
        finding_remedy(finding, "set target.parameters.databases to \"%s\"", ours);
}

static void run(const struct check_input *input, struct findings *out) {
    const struct observed_node *node = input->situation->primary;
    int64_t count = databases_of_target(input->situation);
    if (input->situation->clustered || situation_target_clustered(input->situation) || !node ||
        !node->reachable || !count)
        return;
    const char *ours = pairs_find(&node->settings, "databases");
    if (ours)
        compare(input, node, ours, out);
    else if (node->highest_database >= count)
        finding_detail(check_found(input, out, node->address,
                                   "there are keys in databases that the target does not have"),
                       "the highest database in use is %" PRId64 ", the target has %" PRId64,
                       node->highest_database, count);
}

const struct check check_source_databases = {
    .title = "Source and target have the same number of databases",
    .reads = "CONFIG GET databases; DescribeCacheParameters",
    .cause = "The setting databases differs between the source and the target's parameter group. "
             "On ElastiCache it can be set in a parameter group only before the group is created, "
             "to at most 10,000 (1,200,000 before Redis OSS 6.0).",
    .risk = "Keys in databases that the target lacks cannot be copied, and the migration guide "
            "requires equal numbers.",
    .remedy = "create a parameter group with the source's number of databases, and create the "
              "target with it",
    .severity = SEVERITY_ERROR,
    .target_facts = "parameter:databases",
    .target_unread = SEVERITY_WARNING,
    .run = run,
};
