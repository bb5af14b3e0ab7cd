/* Hold: writers wait at the source, without an error. */
#include "executor/cutover/cutover.h"

static bool hold(struct step_run *run, struct error *err) {
    struct site *site = run->site;
    if (!site_source(site, SITE_NODES, err) || !site_targets(site, err) ||
        !step_may_act(run, err) || !cutover_hold(site, err))
        return false;
    cutover_put_hooks(site->cutover, run->evidence);
    events_emit(
        site->events,
        &(struct event_fact){ .kind = EVENT_WRITES, .step = run->step->id, .state = "held" },
        "writers wait on the source");
    return true;
}

const struct step_runner step_hold = { .run = hold };
