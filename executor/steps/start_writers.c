/* Abort: the program that stopped the writers of the run that is given up is undone. */
#include "executor/cutover/cutover.h"

static bool start(struct step_run *run, struct error *err) {
    if (!step_may_act(run, err) || !cutover_start_writers(run->site, run->evidence, err))
        return false;
    events_emit(
        run->site->events,
        &(struct event_fact){ .kind = EVENT_WRITES, .step = run->step->id, .state = "released" },
        "the writers were started again");
    return true;
}

static void left_over(const struct step_left *left, struct strings *out) {
    if (left->progress != PROGRESS_DONE)
        strings_addf(out, "the writers may be stopped: run %s",
                     left->site->config->cutover.hold.undo.items[0]);
}

const struct step_runner step_start_writers = { .left_over = left_over, .run = start };
