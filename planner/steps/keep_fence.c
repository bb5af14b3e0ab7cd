/* The fence outlives a restart of the source, or it is said how it can. */
#include <string.h>

#include "planner/steps/step.h"

/* CONFIG REWRITE writes everything that was set at run time into the file, such as a password that
 * was taken off for the migration: only a source that proves that nothing was is told to. */
static bool may_rewrite(const struct situation *situation) {
    bool all = situation->observed->source.nodes.count > 0;
    for (size_t i = 0; i < situation->observed->source.nodes.count; i++)
        all &= situation->observed->source.nodes.items[i].as_started;
    return situation->fences && all;
}

static bool must_count_on_memory(const struct situation *situation) {
    return situation->fences && !may_rewrite(situation);
}

static void describe(const struct step_words *of, struct text *reason) {
    text_add(reason, strcmp(of->step->key, step_key_keep_fence) == 0
                         ? "keep the fence across a restart of the source, and print how to lift it"
                         : "print how to keep the fence across a restart of the source, and how to "
                           "lift it; the configuration file is not rewritten, because that could "
                           "make temporary settings permanent, such as a removed password");
}

#define KEEP_FENCE(condition, done)                                                                \
    {                                                                                              \
        .modes = IN_MIGRATE, .scope = SCOPE_PRIMARY, .when = condition, .phase = PHASE_FINISH,     \
        .action = ACTION_CHANGE, .done_when = done, .attempts = 3, .timeout_s = 30,                \
        .describe = describe,                                                                      \
    }

const struct planned_step planned_keep_fence = KEEP_FENCE(
    may_rewrite, "CONFIG REWRITE has saved it where the server has a configuration file");
const struct planned_step planned_keep_fence_in_memory =
    KEEP_FENCE(must_count_on_memory, "the fence was read back, and how to keep it was printed");
