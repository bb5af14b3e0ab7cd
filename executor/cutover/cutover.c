/* What the files of the critical section share. */
#include "executor/cutover/cutover.h"

#include <stdlib.h>
#include <string.h>

#include "schemas/base/clock.h"
#include "schemas/base/memory.h"

void fence_watch_clear(struct fence_watch *watch) {
    free(watch->nodes.items);
    *watch = (struct fence_watch){ 0 };
}

void cutover_free(struct cutover *cutover) {
    if (!cutover)
        return;
    free(cutover->fence);
    pairs_clear(&cutover->before);
    json_free(cutover->hooks);
    fence_watch_clear(&cutover->watch);
    for (size_t i = 0; i < cutover->shards.count; i++) {
        free(cutover->shards.items[i].name);
        free(cutover->shards.items[i].at.replid);
        audit_counters_clear(&cutover->shards.items[i].at_final);
        audit_counters_clear(&cutover->shards.items[i].at_reset);
    }
    free(cutover->shards.items);
    free(cutover);
}

bool cutover_fences(const struct site *site) {
    return site->config->cutover.writes != WRITES_NONE;
}

struct json *cutover_hooks(struct cutover *cutover) {
    if (!cutover->hooks)
        cutover->hooks = json_new_array();
    return cutover->hooks;
}

void cutover_put_hooks(struct cutover *cutover, struct json *record) {
    if (cutover->hooks)
        json_put(record, "hooks", TAKE(cutover->hooks));
}

struct cutover_shard *cutover_add_shard(struct cutover *cutover, const char *name) {
    struct cutover_shard *shard = LIST_ADD(&cutover->shards);
    shard->name = xstrdup(name);
    return shard;
}

bool cutover_know_shards(struct site *site, struct cutover *cutover, struct error *err) {
    bool fresh = cutover->shards.count == 0;
    for (size_t i = 0; fresh && i < site->shards.count; i++)
        (void)cutover_add_shard(cutover, site->shards.items[i].name);
    bool same = cutover->shards.count == site->shards.count;
    for (size_t i = 0; same && i < site->shards.count; i++)
        same = strcmp(cutover->shards.items[i].name, site->shards.items[i].name) == 0;
    if (same)
        return true;
    error_set(err, ERROR_FAILED,
              "the source's slots are served by different shards than when the cutover began");
    return error_hint(err, "abort: the source stays authoritative and no write is lost");
}

void cutover_say_interrupted(struct site *site) {
    struct cutover *cutover = site->cutover;
    if (!cutover || cutover->interruption_said || !stop_wanted(site->stop))
        return;
    int64_t until_mono_ms = cutover->section_deadline_mono_ms ? cutover->section_deadline_mono_ms
                                                              : cutover->pause_deadline_mono_ms;
    char at[CLOCK_TEXT_BYTES];
    cutover->interruption_said = true;
    clock_format_seconds(clock_wall_ms() + until_mono_ms - clock_mono_ms(), at);
    bool refused = cutover->fenced;
    events_warn(site->events, NULL,
                "%s: inside the cutover the run continues until the writers have an endpoint "
                "again, by %s at the latest%s; writers %s meanwhile. A second Ctrl-C, a second or "
                "more after the first, stops at once and %s",
                stop_reason(site->stop), at, refused ? " plus the time of the hooks" : "",
                refused ? "are refused" : "wait",
                refused ? "leaves them refused until the same apply command is run again"
                        : "gives them the source back");
}
