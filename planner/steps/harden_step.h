/* What the steps have in common that change the target's protection (planner/harden.h). */
#pragma once

#include "planner/harden.h"
#include "planner/steps/step.h"

/* done_when and timeout_s are of the kind; its file has the functions that all of it share. */
#define HARDEN(modes_, phase_, condition, effects, impact_, ...)                                   \
    {                                                                                              \
        .modes = modes_, .scope = SCOPE_TARGET, .when = condition, .phase = phase_,                \
        .action = ACTION_CHANGE, .impact = impact_, .precondition = "the group is available",      \
        .attempts = 3, .describe = describe, .add_effects = effects, .estimate = estimate,         \
        .permissions = permissions, __VA_ARGS__                                                    \
    }
#define HARDEN_UNDONE .undo_kind = "abort", .undo_until = STEP_COMPLETE
