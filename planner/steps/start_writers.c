/* Abort: the program that stopped the writers is undone. */
#include "planner/steps/step.h"

/* Only a program that stopped them has to be told: a pause ends by itself. */
static bool must_release(const struct situation *situation) {
    return situation->config->cutover.writes == WRITES_HOOK &&
           situation->observed->history.writers_held;
}

static bool must_release_first(const struct situation *situation) {
    return must_release(situation) && !situation->sent;
}

static bool must_release_last(const struct situation *situation) {
    return must_release(situation) && situation->sent;
}

static int64_t timeout(const struct situation *situation) {
    return 30 + 3 * situation->config->cutover.hold.timeout_ms / 1000;
}

static void describe(const struct step_words *of, struct text *reason) {
    text_addf(reason, "run %s: resume the writers that may be stopped",
              of->situation->config->cutover.hold.undo.items[0]);
}

#define START_WRITERS(condition)                                                                   \
    {                                                                                              \
        .modes = IN_ABORT, .scope = SCOPE_PRIMARY, .when = condition, .phase = PHASE_ABORT,        \
        .action = ACTION_CHANGE, .done_when = "the undo of cutover.hold succeeded", .attempts = 3, \
        .timeout = timeout, .describe = describe,                                                  \
    }

const struct planned_step planned_start_writers = START_WRITERS(must_release_first);
const struct planned_step planned_start_writers_last = START_WRITERS(must_release_last);
