/* From TestMigration to the gate before the cutover. */
#include "planner/describe.h"
#include "planner/sequence/section.h"
#include "schemas/base/memory.h"

static bool must_start(const struct situation *now) {
    return !now->replicating && !now->promoted;
}

static bool must_test(const struct situation *now) {
    return now->config->replication.test && must_start(now);
}

static bool must_compare(const struct situation *now) {
    return now->config->verify.before_cutover.mode != VERIFY_NONE && !now->promoted;
}

static int64_t day(const struct situation *now) {
    (void)now;
    return 24 * 60 * 60;
}

static int64_t replication(const struct situation *now) {
    return now->config->replication.timeout_ms / 1000;
}

static const struct sequence_row rows[] = {
    { .kind = STEP_TEST_MIGRATION,
      .modes = IN_MIGRATE,
      .scope = SCOPE_TARGET,
      .when = must_test,
      .phase = PHASE_REPLICATE,
      .action = ACTION_CHECK,
      .key = "replicate/test",
      .precondition = "the group is available",
      .done_when = "an event of the group says that the test succeeded, or none tells of it",
      .attempts = 2,
      .timeout_s = minutes_15,
      .describe = describe_test_migration },
    { .kind = STEP_START_MIGRATION,
      .modes = IN_MIGRATE,
      .scope = SCOPE_TARGET,
      .when = must_start,
      .phase = PHASE_REPLICATE,
      .action = ACTION_MOVE,
      .impact = IMPACT_LATENCY,
      .key = "replicate/start",
      .precondition = "the group is available, and empty unless target.replace_data is set",
      .done_when = "the target's primary replicates from the source",
      .undo_kind = "abort",
      .undo_loses = "what the target holds",
      .attempts = 1,
      .timeout_s = minutes_15,
      .describe = describe_start_migration,
      .add_effects = effects_of_start },
    { .kind = STEP_SYNC,
      .modes = IN_MIGRATE,
      .scope = SCOPE_TARGET,
      .when = before_promotion,
      .phase = PHASE_REPLICATE,
      .action = ACTION_CHECK,
      .impact = IMPACT_LATENCY,
      .key = "replicate/sync",
      .done_when = "the link is up and the lag has been below the limit for the time asked",
      .attempts = 1,
      .timeout_s = replication,
      .describe = describe_sync },
    { .kind = STEP_COMPARE,
      .modes = IN_MIGRATE,
      .scope = SCOPE_TARGET,
      .when = must_compare,
      .phase = PHASE_REPLICATE,
      .action = ACTION_CHECK,
      .impact = IMPACT_LATENCY,
      .key = "replicate/compare",
      .precondition = "in sync",
      .done_when = "no difference remains",
      .attempts = 2,
      .timeout_s = hour,
      .describe = describe_compare },
    { .kind = STEP_GATE,
      .modes = IN_MIGRATE,
      .scope = SCOPE_TARGET,
      .when = before_promotion,
      .phase = PHASE_REPLICATE,
      .action = ACTION_GATE,
      .key = "gate/cutover",
      .done_when = "all that the gate needs is there",
      .attempts = 1,
      .timeout_s = day,
      .describe = describe_gate },
};

const struct sequence_section sequence_replicate = { rows, COUNT(rows) };
