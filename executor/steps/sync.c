/* Follows the replication until the lag has stayed under the limit for the time asked. A sync that
 * starts again and again is named with its cause. */
#include <string.h>

#include "executor/steps/step.h"
#include "schemas/base/clock.h"
#include "schemas/base/memory.h"
#include "schemas/base/units.h"

#define FULL_SYNCS_MAX 3 /* one is normal, a second may be a blip; more is a loop */

struct following {
    int64_t started_mono_ms, in_sync_since_mono_ms, full_syncs_before;
};

static void report_copy(struct step_run *run, const struct replication *target,
                        int64_t elapsed_ms) {
    AUTO(text_clear) struct text line = { 0 };
    if (target->sync_total_bytes > 0)
        text_addf(&line, "%d %% ", (int)(target->sync_read_bytes * 100 / target->sync_total_bytes));
    units_add_bytes(&line, target->sync_read_bytes);
    if (target->sync_total_bytes > 0) {
        text_add(&line, " of ");
        units_add_bytes(&line, target->sync_total_bytes);
    }
    int64_t rate = elapsed_ms > 0 ? target->sync_read_bytes * 1000 / elapsed_ms : 0;
    text_add(&line, ", ");
    units_add_bytes(&line, rate);
    text_add(&line, "/s");
    if (rate > 0 && target->sync_total_bytes > target->sync_read_bytes) {
        text_add(&line, ", eta ");
        units_add_duration(&line,
                           (target->sync_total_bytes - target->sync_read_bytes) / rate * 1000);
    }
    step_progress(run, "copying: %s", text_string(&line));
}

static void report_lag(struct step_run *run, int64_t lag_bytes, int64_t held_ms) {
    AUTO(string_free) char *lag = units_bytes(lag_bytes), *held = units_duration(held_ms);
    AUTO(string_free) char *wanted = units_duration(run->site->config->replication.in_sync.for_ms);
    step_progress(run, "in sync, lag %s, for %s of %s", lag, held, wanted);
}

/* `ended`: the target follows no more; a service that gives up does so after a few copies. */
static bool is_looping(struct following *following, const struct replication *source, bool ended,
                       struct error *err) {
    if (source->full_syncs < 0)
        return false;
    if (following->full_syncs_before < 0)
        following->full_syncs_before = source->full_syncs;
    if (source->full_syncs - following->full_syncs_before < (ended ? 1 : FULL_SYNCS_MAX))
        return false;
    (void)error_set(err, ERROR_FAILED, "the full synchronisation starts again and again");
    (void)error_hint(err,
                     "the replica's output buffer on the source overflows while it loads: raise "
                     "client-output-buffer-limit and repl-backlog-size, then %s again",
                     ended ? "plan" : "apply");
    return true;
}

/* One look at both sides; *done when the lag was small for long enough. */
static bool look(struct step_run *run, struct following *following, bool *done, struct error *err) {
    struct redis_connection *source, *target;
    AUTO(replication_clear) struct replication there = { 0 }, here = { 0 };
    if (!site_primary(run->site, &source, err) || !site_target(run->site, &target, err) ||
        !replication_ask(source, NULL, REDIS_NOW, &there, err) ||
        !replication_ask(target, "replication", REDIS_NOW, &here, err))
        return false;
    if (is_looping(following, &there, here.is_primary, err))
        return false;
    if (!there.is_primary)
        return error_set(err, ERROR_FAILED, "the source '%s' is no primary any more",
                         redis_name(source)) ||
               error_hint(err, "the source failed over: abort and plan again with its new primary");
    if (here.is_primary)
        return error_set(err, ERROR_FAILED,
                         "the target stopped replicating and is a primary again") ||
               error_hint(err, "read the service's events: ecmig status");
    int64_t now_mono_ms = clock_mono_ms(), lag_bytes = there.offset - here.applied_offset;
    const struct config_in_sync *limit = &run->site->config->replication.in_sync;
    bool close = here.link_up && !here.syncing && lag_bytes <= limit->max_lag_bytes &&
                 here.replid && there.replid && strcmp(here.replid, there.replid) == 0;
    if (!close)
        following->in_sync_since_mono_ms = 0;
    else if (!following->in_sync_since_mono_ms)
        following->in_sync_since_mono_ms = now_mono_ms;
    if (close)
        report_lag(run, lag_bytes > 0 ? lag_bytes : 0,
                   now_mono_ms - following->in_sync_since_mono_ms);
    else if (here.syncing)
        report_copy(run, &here, now_mono_ms - following->started_mono_ms);
    else
        step_progress(
            run, here.link_up ? "catching up, lag %lld bytes" : "the link is down, lag %lld bytes",
            (long long)lag_bytes);
    *done = close && now_mono_ms - following->in_sync_since_mono_ms >= limit->for_ms;
    if (*done) {
        json_put(run->evidence, "source", shape_write(&replication_shape, &there));
        json_put(run->evidence, "target", shape_write(&replication_shape, &here));
    }
    return true;
}

static bool follow(struct step_run *run, struct error *err) {
    struct following following = { .started_mono_ms = clock_mono_ms(), .full_syncs_before = -1 };
    for (bool done = false; !done;) {
        if (!look(run, &following, &done, err)) {
            /* A node that does not answer for a moment is the normal life of a long copy. */
            if (err->code != ERROR_UNREACHABLE && err->code != ERROR_DEADLINE)
                return false;
            step_progress(run, "waiting: %s", err->message);
            error_clear(err);
        }
        if (!done && !step_wait(run, 200, err))
            return false;
    }
    return true;
}

const struct step_runner step_sync = { .reads = true, .run = follow };
