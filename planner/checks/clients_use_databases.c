#include <stdlib.h>

#include "planner/applications.h"
#include "planner/checks/check.h"
#include "planner/databases.h"
#include "schemas/base/number.h"

static void run_node(const struct check_input *input, const struct observed_node *node,
                     struct findings *out) {
    AUTO(text_clear) struct text clients = { 0 };
    const struct observed_use *use;
    int64_t count = databases_of_target(input->situation);
    for (size_t at = 0; count && (use = applications_next(node, "database", &at));)
        if (number_or(use->what, count) >= count)
            applications_add_use(&clients, use);
    if (*text_string(&clients) && !input->situation->promoted)
        finding_detail(check_found(input, out, node->address,
                                   "clients use databases that the target does not have"),
                       "%s", text_string(&clients));
}

const struct check check_clients_use_databases = {
    .title = "The target has the databases that clients have selected",
    .reads = "CLIENT LIST db; DescribeCacheParameters databases, cluster-databases",
    .cause = "Open connections have selected a database that the target does not have: the "
             "parameter databases is lower, or the target is in cluster mode, where there is "
             "database 0 only (from Valkey 9 on as many as cluster-databases says).",
    .risk = "SELECT fails on the target, and these applications do not start after the switch.",
    .remedy = "let these clients use database 0, or create the target with a parameter group that "
              "has enough databases; waive this if only people select them",
    .severity = SEVERITY_ERROR,
    .waivable = true,
    .of_moment = true,
    .facts = "CLIENT+LIST",
    .unread = SEVERITY_NOTE,
    .run_node = run_node,
};
