#include "planner/checks/check.h"
#include "planner/version.h"

/* CONFIG SET requirepass takes the password off, and leaves a default user off that is: from 6.0 on
 * only ACL SETUSER is right for both. */
#define OPEN_DEFAULT_USER                                                                          \
    "for the duration of the migration, allow the default user everything without a password: "    \
    "ACL SETUSER default on nopass ~* +@all; restrict access by network instead. Note the output " \
    "of ACL GETUSER default first, so that you can restore it"

static void run_node(const struct check_input *input, const struct observed_node *node,
                     struct findings *out) {
    bool has_users = !version_below(node->version, 6, 0, 0);
    struct finding *finding = NULL;
    if (node->password_required)
        finding = check_found(input, out, node->address, "the source requires a password");
    else if (node->replication_refused)
        finding = check_found(input, out, node->address, "the default user may not replicate");
    if (finding && has_users)
        finding_remedy(finding, "%s", OPEN_DEFAULT_USER);
}

const struct check check_source_has_auth = {
    .title = "The source accepts the target without a password",
    .reads = "PING and REPLCONF without AUTH",
    .cause =
        "requirepass is set, or the default user has a password, is off or may not use PSYNC and "
        "REPLCONF. ElastiCache connects to the source without AUTH and cannot be given a password.",
    .risk = "The replication link never comes up; after some minutes the group becomes available "
            "again.",
    .remedy = "for the duration of the migration, remove the default user's password (CONFIG SET "
              "requirepass \"\", from 6.0 on ACL SETUSER default on nopass ~* +@all), and restrict "
              "access by network instead",
    .severity = SEVERITY_ERROR,
    .run_node = run_node,
};
