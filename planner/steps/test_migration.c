/* The service tries whether the target can reach the source. */
#include "planner/steps/step.h"

static bool must_test(const struct situation *situation) {
    return situation->config->replication.test && !situation->replicating && !situation->promoted;
}

static void describe(const struct step_words *of, struct text *reason) {
    (void)of;
    text_add(reason, "TestMigration: check that the target can reach the source");
}

static void estimate(const struct situation *situation, struct text *range, struct text *basis) {
    text_add(range, usual_range(situation, "1-2 min"));
    text_add(basis, "a guess");
}

static unsigned permissions(const struct config *config) {
    return config->replication.test ? IAM_TEST : 0;
}

const struct planned_step planned_test_migration = {
    .modes = IN_MIGRATE,
    .scope = SCOPE_TARGET,
    .when = must_test,
    .phase = PHASE_REPLICATE,
    .action = ACTION_CHECK,
    .precondition = "the group is available",
    .done_when =
        "an event of the group reports that the test succeeded, or no event reports a result",
    .attempts = 2,
    .timeout_s = MINUTES(15),
    .describe = describe,
    .estimate = estimate,
    .permissions = permissions,
};
