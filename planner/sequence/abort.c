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

static const struct sequence_row rows[] = {
    LIFT_FENCE(must_lift_first),
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
};

const struct sequence_section sequence_abort = { rows, COUNT(rows) };
