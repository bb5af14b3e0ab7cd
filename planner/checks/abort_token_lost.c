#include "planner/checks/check.h"
#include "planner/harden.h"
#include "schemas/observed/protection.h"

static void run(const struct check_input *input, struct findings *out) {
    if (check_is(harden_lost(input->situation, "auth"), AUTH_TOKEN))
        check_found(input, out, check_target(input),
                    "the run removed the group's AUTH token, which ecmig does not know");
}

const struct check check_abort_token_lost = {
    .title = "The AUTH token of the target can be given back",
    .reads = "record: what the steps before the migration removed",
    .cause = "The service tells nobody a token, and a migration needs a group without one.",
    .risk = "After the abort the group has no token: anyone who reaches it may use it.",
    .remedy = "when the abort has turned TLS on again, set the token with ModifyReplicationGroup: "
              "AuthToken with AuthTokenUpdateStrategy=ROTATE, then the same with SET",
    .severity = SEVERITY_WARNING,
    .when_aborting = true,
    .run = run,
};
