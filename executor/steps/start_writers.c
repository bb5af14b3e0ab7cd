/* Abort: the program that stopped the writers of the run that is given up is undone. */
#include "executor/cutover/cutover.h"

static bool start(struct step_run *run, struct error *err) {
    if (!step_may_act(run, err) || !cutover_start_writers(run->site, run->evidence, err))
        return false;
    events_emit(run->site->events, EVENT_WRITES, SEVERITY_NOTE, run->step->id, "released", NULL,
                "the writers were started again");
    return true;
}

const struct step_runner step_start_writers = { .run = start };
