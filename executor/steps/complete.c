/* Fence to confirm: the source refuses writes, the target has the last one, CompleteMigration is
 * sent and its effect proven. */
#include "executor/cutover/cutover.h"
#include "schemas/base/clock.h"

static bool fence(struct step_run *run, struct error *err) {
    struct site *site = run->site;
    /* Writers that a hook has stopped stay so until the switch. */
    bool paused = site->config->cutover.writes != WRITES_HOOK;
    if (!cutover_fence_all(site, err) || (paused && !cutover_release(site, err)))
        return false;
    if (cutover_fences(site))
        events_emit(
            site->events,
            &(struct event_fact){ .kind = EVENT_WRITES, .step = run->step->id, .state = "refused" },
            "the source refuses writes until the switch");
    else
        events_emit(
            site->events,
            &(struct event_fact){ .kind = EVENT_WRITES,
                                  .level = SEVERITY_WARNING,
                                  .step = run->step->id,
                                  .state = "open" },
            "NOTHING KEEPS WRITERS FROM THE SOURCE: writes that it accepts from now on are lost");
    return true;
}

static bool complete(struct step_run *run, struct error *err) {
    struct site *site = run->site;
    if (site->cutover->sent)
        return cutover_complete(run, err);
    return site_source(site, SITE_NODES, err) && site_targets(site, err) &&
           step_may_act(run, err) && fence(run, err) && cutover_final(site, err) &&
           cutover_complete(run, err);
}

const struct step_runner step_complete = { .run = complete };
