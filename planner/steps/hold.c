/* The writers wait, by a pause or by a hook. */
#include "planner/steps/step.h"
#include "schemas/base/memory.h"
#include "schemas/base/units.h"

static bool must_hold(const struct situation *situation) {
    return situation->holds && !situation->promoted;
}

static void describe(const struct step_words *of, struct text *reason) {
    const struct situation *situation = of->situation;
    AUTO(string_free) char *command = strings_join(&situation->config->cutover.hold.run, " ");
    if (situation->pauses)
        text_addf(reason, "hold writers on %s (they wait) for at most ",
                  situation->clustered ? "every primary" : "the source");
    else
        text_addf(reason, "stop the writers: %s; until CompleteMigration at most ", command);
    units_add_duration(reason, situation->config->cutover.max_write_pause_ms);
}

const struct planned_step planned_hold = {
    .modes = IN_MIGRATE,
    .scope = SCOPE_PRIMARY,
    .when = must_hold,
    .phase = PHASE_CUT_OVER,
    .action = ACTION_CHANGE,
    .impact = IMPACT_WRITE_PAUSE,
    .precondition = "the target is in sync, and its used memory is below its maxmemory",
    .done_when = "writers wait",
    .undo_kind = "release",
    .undo_until = STEP_COMPLETE,
    .attempts = 1,
    .timeout = write_pause_s,
    .describe = describe,
};
