/* Abort: the program that stopped the writers of the run that is given up is undone. */
#include "executor/cutover/cutover.h"
#include "schemas/base/memory.h"

static bool start(struct step_run *run, struct error *err) {
    struct site *site = run->site;
    AUTO(cutover_free) struct cutover *cutover = xcalloc(1, sizeof *cutover);
    if (!step_may_act(run, err))
        return false;
    cutover->held = true;
    site->cutover = cutover;
    bool started = cutover_release(site, err);
    site->cutover = NULL;
    cutover_put_hooks(cutover, run->evidence);
    if (started)
        events_emit(site->events, EVENT_WRITES, SEVERITY_NOTE, run->step->id, "released", NULL,
                    "the writers were started again");
    return started;
}

const struct step_runner step_start_writers = { .run = start };
