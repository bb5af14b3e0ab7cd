/* Rows 4 and 5: the target has every write that the source has, and the keys that were too hot to
 * be compared are compared now, while nothing moves. */
#include "executor/cutover/cutover.h"
#include "executor/steps/comparison.h"
#include "schemas/base/clock.h"

static bool catch_up(struct step_run *run, struct error *err) {
    struct site *site = run->site;
    struct cutover *cutover = site->cutover;
    struct redis_connection *target;
    if (!site_all_nodes(site, err) || !site_target(site, &target, err) ||
        !cutover_sample(site, &cutover->held_at, err) ||
        !cutover_catch_up(site, &cutover->held_at, cutover->pause_deadline_mono_ms, err))
        return false;
    json_put_int(run->evidence, "offset", cutover->held_at.offset);
    json_put_string(run->evidence, "replid", cutover->held_at.replid);
    return !cutover->held ||
           comparison_of_hot_keys(run, false, cutover->pause_deadline_mono_ms, err);
}

const struct step_runner step_catch_up = { .run = catch_up };
