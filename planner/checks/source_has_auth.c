#include "planner/checks/check.h"

static void run_node(const struct check_input *input, const struct observed_node *node,
                     struct findings *out) {
    if (node->password_required)
        check_found(input, out, node->address, "the source asks for a password");
    else if (node->replication_refused)
        finding_remedy(check_found(input, out, node->address, "the default user may not replicate"),
                       "for the time of the migration let the default user do everything (ACL "
                       "SETUSER default on nopass ~* +@all), and restrict access by network "
                       "instead");
}

const struct check check_source_has_auth = {
    .title = "The source lets the target in without a password",
    .reads = "PING and REPLCONF without AUTH",
    .cause = "requirepass is set, or the default user has a password, is off or may not use "
             "PSYNC and REPLCONF. ElastiCache "
             "connects to the source without AUTH, and cannot be given a password.",
    .risk = "The replication link never comes up; the group returns to available after minutes.",
    .remedy = "for the time of the migration make the default user passwordless (CONFIG SET "
              "requirepass \"\"), and restrict access by network instead",
    .severity = SEVERITY_ERROR,
    .run_node = run_node,
};
