#include "planner/checks/check.h"

#include <inttypes.h>
#include <stdlib.h>

#define DATABASES_DEFAULT "16" /* of every ElastiCache parameter group family */

static const char *target_databases(const struct check_input *input) {
    const char *wanted = pairs_find(&input->config->target.parameters, "databases");
    if (input->observed->target.exists)
        return pairs_find(&input->observed->target.parameters, "databases");
    return wanted ? wanted : DATABASES_DEFAULT;
}

static void run(const struct check_input *input, struct findings *out) {
    const struct observed_node *node = input->situation->primary;
    const char *theirs = target_databases(input);
    if (input->situation->clustered || !node || !node->reachable || !theirs)
        return;
    const char *ours = pairs_find(&node->settings, "databases");
    if (ours && !check_is(ours, theirs)) {
        struct finding *finding = check_found(input, out, node->address,
                                              "databases is %s, on the target %s", ours, theirs);
        if (!input->observed->target.exists)
            finding_remedy(finding, "set target.parameters.databases to \"%s\"", ours);
    } else if (!ours && node->highest_database >= strtoll(theirs, NULL, 10)) {
        struct finding *finding = check_found(
            input, out, node->address, "there are keys in databases that the target does not have");
        finding_detail(finding, "the highest database in use is %" PRId64 ", the target has %s",
                       node->highest_database, theirs);
    }
}

const struct check check_source_databases = {
    .title = "Source and target have the same number of databases",
    .reads = "CONFIG GET databases; DescribeCacheParameters",
    .cause = "The setting databases differs between the source and the target's parameter group. "
             "On ElastiCache it can be set in a parameter group only before the group is created.",
    .risk = "Keys in databases that the target lacks cannot be copied, and the migration guide "
            "requires equal numbers.",
    .remedy = "create a parameter group with the source's number of databases, and create the "
              "target with it",
    .severity = SEVERITY_ERROR,
    .target_facts = "parameter:databases",
    .target_unread = SEVERITY_WARNING,
    .run = run,
};
