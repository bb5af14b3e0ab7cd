/* Only an abort: the source gets its writers back, the group lets go of it. */
#include "planner/describe.h"
#include "planner/sequence/section.h"
#include "schemas/base/memory.h"

static bool must_force(const struct situation *now) {
    return now->migrating;
}

static bool must_lift_first(const struct situation *now) {
    return now->observed->history.fence && !now->sent;
}

static bool must_lift_last(const struct situation *now) {
    return now->observed->history.fence && now->sent;
}

/* Only a program that stopped them has to be told: a pause ends by itself. */
static bool must_release(const struct situation *now) {
    return now->config->cutover.writes == WRITES_HOOK && now->observed->history.writers_held;
}

static bool must_release_first(const struct situation *now) {
    return must_release(now) && !now->sent;
}

static bool must_release_last(const struct situation *now) {
    return must_release(now) && now->sent;
}

static int64_t hold_hook(const struct situation *now) {
    return 30 + 3 * now->config->cutover.hold.timeout_ms / 1000;
}

/* Before CompleteMigration is sent the writers get the source back at once; afterwards only when
 * the target cannot become theirs any more. */
#define LIFT_FENCE(condition)                                                                      \
    {                                                                                              \
        .kind = STEP_LIFT_FENCE, .modes = IN_ABORT, .scope = SCOPE_PRIMARY, .when = condition,     \
        .phase = PHASE_ABORT, .action = ACTION_CHANGE, .key = "abort/lift",                        \
        .done_when = "no source node carries the fence of the run that is given up",               \
        .attempts = 3, .timeout_s = minutes_2, .describe = describe_lift_fence,                    \
        .add_effects = effects_of_lift                                                             \
    }

#define START_WRITERS(condition)                                                                   \
    {                                                                                              \
        .kind = STEP_START_WRITERS, .modes = IN_ABORT, .scope = SCOPE_PRIMARY, .when = condition,  \
        .phase = PHASE_ABORT, .action = ACTION_CHANGE, .key = "abort/writers",                     \
        .done_when = "the undo of cutover.hold ended well", .attempts = 3, .timeout_s = hold_hook, \
        .describe = describe_start_writers                                                         \
    }

static const struct sequence_row rows[] = {
    LIFT_FENCE(must_lift_first),
    START_WRITERS(must_release_first),
    { .kind = STEP_FORCE_COMPLETE,
      .modes = IN_ABORT,
      .scope = SCOPE_TARGET,
      .when = must_force,
      .phase = PHASE_ABORT,
      .action = ACTION_CHANGE,
      .key = "abort/force",
      .done_when = "the group is available and its primary follows nobody",
      .attempts = 3,
      .timeout_s = completion,
      .describe = describe_force_complete,
      .add_effects = effects_of_force },
    LIFT_FENCE(must_lift_last),
    START_WRITERS(must_release_last),
};

const struct sequence_section sequence_abort = { rows, COUNT(rows) };
