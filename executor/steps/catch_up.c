/* Sample and hot keys: the target has every write that the source has, and the keys that were too
 * hot to be compared are compared now, while nothing moves. */
#include "executor/cutover/cutover.h"
#include "executor/site/skipped.h"
#include "executor/steps/comparison.h"
#include "schemas/base/clock.h"

static bool catch_up(struct step_run *run, struct error *err) {
    struct site *site = run->site;
    struct cutover *cutover = site->cutover;
    if (!site_source(site, SITE_NODES, err) || !site_targets(site, err) ||
        !cutover_sample(site, err) ||
        !cutover_catch_up(site, cutover->pause_deadline_mono_ms, err) ||
        !skipped_nothing(site, run->step->id, err))
        return false;
    struct json *shards = json_new_array();
    json_put(run->evidence, "shards", shards);
    for (size_t s = 0; s < cutover->shards.count; s++) {
        const struct cutover_shard *shard = &cutover->shards.items[s];
        struct json *entry = json_new_object();
        json_put_string(entry, "shard", shard->name);
        json_put_string(entry, "replid", shard->at.replid);
        json_put_int(entry, "offset", shard->at.offset);
        json_append(shards, entry);
    }
    return !cutover->held ||
           comparison_of_hot_keys(run, false, cutover->pause_deadline_mono_ms, err);
}

const struct step_runner step_catch_up = { .run = catch_up };
