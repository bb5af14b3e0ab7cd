/* Follows the replication until the lag has stayed under the limit for the time asked. A sync that
 * starts again and again is named with its cause. */
#include <stdlib.h>
#include <string.h>

#include "executor/moment.h"
#include "executor/site/evictions.h"
#include "executor/site/mark.h"
#include "executor/site/output_buffers.h"
#include "executor/site/positions.h"
#include "executor/site/skipped.h"
#include "executor/steps/step.h"
#include "schemas/base/clock.h"
#include "schemas/base/memory.h"
#include "schemas/base/number.h"
#include "schemas/base/units.h"

#define FULL_SYNCS_MAX 3 /* one is normal, a second may be a blip; more is a loop */

struct following {
    int64_t started_mono_ms, in_sync_since_mono_ms;
    size_t looks;
    bool warned;                /* that a buffer grows */
    int64_t *full_syncs_before; /* by shard; -1 until it is known */
};

/* The shards as one: sums while they copy, the worst of them otherwise. */
struct progress {
    size_t copying_count, close_count, down_count;
    int64_t read_bytes, total_bytes; /* of the copies; total 0 when any is unknown */
    int64_t lag_bytes;               /* the largest */
    const char *worst;               /* name of that shard, "" without cluster mode */
};

static void report_copy(struct step_run *run, const struct progress *progress, int64_t elapsed_ms) {
    AUTO(text_clear) struct text line = { 0 };
    if (progress->total_bytes > 0)
        text_addf(&line, "%d %% ",
                  (int)(number_product(progress->read_bytes, 100) / progress->total_bytes));
    units_add_bytes(&line, progress->read_bytes);
    if (progress->total_bytes > 0) {
        text_add(&line, " of ");
        units_add_bytes(&line, progress->total_bytes);
    }
    int64_t rate = elapsed_ms > 0 ? number_product(progress->read_bytes, 1000) / elapsed_ms : 0;
    text_add(&line, ", ");
    units_add_bytes(&line, rate);
    text_add(&line, "/s");
    if (rate > 0 && progress->total_bytes > progress->read_bytes) {
        text_add(&line, ", eta ");
        int64_t left_bytes = number_difference(progress->total_bytes, progress->read_bytes);
        units_add_duration(&line, number_product(left_bytes / rate, 1000));
    }
    if (run->site->shards.count > 1)
        text_addf(&line, ", %zu of %zu shards", progress->copying_count, run->site->shards.count);
    step_progress(run, "copying: %s", text_string(&line));
}

/* With cluster mode the shard that is waited for, the worst. */
static char *worst_shard(const struct step_run *run, const struct progress *progress) {
    return progress->close_count < run->site->shards.count && run->site->shards.count > 1
               ? xasprintf(" (slots %s; %zu of %zu shards in sync)", progress->worst,
                           progress->close_count, run->site->shards.count)
               : xstrdup("");
}

static void report(struct step_run *run, const struct following *following,
                   const struct progress *progress, int64_t now_mono_ms) {
    AUTO(string_free) char *lag = units_bytes(progress->lag_bytes);
    AUTO(string_free) char *where = worst_shard(run, progress);
    if (progress->close_count == run->site->shards.count) {
        AUTO(string_free)
        char *held = units_duration(now_mono_ms - following->in_sync_since_mono_ms);
        AUTO(string_free)
        char *wanted = units_duration(run->site->config->replication.in_sync.for_ms);
        step_progress(run, "in sync, lag %s, for %s of %s%s", lag, held, wanted, where);
    } else if (progress->copying_count) {
        report_copy(run, progress, now_mono_ms - following->started_mono_ms);
    } else {
        step_progress(run, "%s, lag %s%s",
                      progress->down_count ? "the link is down" : "catching up", lag, where);
    }
}

/* `ended`: the target no longer follows; a service that gives up does so after a few copies. */
static bool is_looping(struct following *following, size_t shard, const struct replication *source,
                       bool ended, struct error *err) {
    int64_t *before = &following->full_syncs_before[shard];
    if (source->full_syncs < 0)
        return false;
    if (*before < 0)
        *before = source->full_syncs;
    if (source->full_syncs - *before < (ended ? 1 : FULL_SYNCS_MAX))
        return false;
    error_set(err, ERROR_FAILED, "the full synchronization starts again repeatedly");
    error_hint(err,
               "the replica's output buffer on the source overflows while the target loads: "
               "raise client-output-buffer-limit and repl-backlog-size, then %s again",
               ended ? "plan" : "apply");
    return true;
}

/* The hard limit of a replica's output buffer; 0: none, or not known. */
static int64_t buffer_limit(struct step_run *run, size_t shard) {
    AUTO(string_free) char *limits = NULL;
    AUTO(error_clear) struct error ignored = { 0 };
    return site_setting(site_primary(run->site, shard)->connection, "client-output-buffer-limit",
                        &limits, &ignored)
               ? output_limit_read(limits).hard_bytes
               : 0;
}

/* Half full while it copies is when somebody can still raise the limit. */
static void watch_buffer(struct step_run *run, struct following *following, size_t shard,
                         const struct position *seen) {
    bool in_turn = following->looks % run->site->shards.count == shard; /* one a look */
    if (following->warned || seen->target.link_up || !in_turn)
        return;
    int64_t limit_bytes = buffer_limit(run, shard);
    int64_t held_bytes = output_buffered(site_primary(run->site, shard)->connection);
    if (!limit_bytes || held_bytes < limit_bytes / 2)
        return;
    AUTO(string_free) char *held = units_bytes(held_bytes), *limit = units_bytes(limit_bytes);
    following->warned = true;
    events_warn(run->site->events, run->step->id,
                "the replica's output buffer on '%s' has grown to %s of its limit of %s: above the "
                "limit the copy starts again; raise client-output-buffer-limit there now",
                site_primary(run->site, shard)->address, held, limit);
}

/* What waiting does not fix. */
static bool still_follows(struct step_run *run, struct following *following, size_t shard,
                          const struct position *seen, struct error *err) {
    if (is_looping(following, shard, &seen->source, seen->target.is_primary, err))
        return false;
    if (!seen->source.is_primary) {
        error_set(err, ERROR_FAILED, "the source '%s' is no longer a primary",
                  site_primary(run->site, shard)->address);
        return error_hint(err, "the source failed over: abort and plan again with the new primary");
    }
    if (!seen->target.is_primary)
        return true;
    error_set(err, ERROR_FAILED, "the target stopped replicating and is a primary again");
    return error_hint(err,
                      "read its events (aws elasticache describe-events), then abort this run and "
                      "plan again: ecmig abort %s",
                      run->site->config_file ? run->site->config_file : "FILE");
}

static void count(struct step_run *run, size_t shard, const struct position *seen,
                  struct progress *progress) {
    const struct replication *here = &seen->target, *there = &seen->source;
    int64_t lag_bytes = number_difference(there->offset, here->applied_offset);
    bool close = here->link_up && !here->syncing &&
                 lag_bytes <= run->site->config->replication.in_sync.max_lag_bytes &&
                 here->replid && there->replid && strcmp(here->replid, there->replid) == 0;
    progress->close_count += close;
    progress->copying_count += here->syncing;
    progress->down_count += !here->link_up && !here->syncing;
    if (here->syncing) {
        progress->read_bytes = number_sum(progress->read_bytes, here->sync_read_bytes);
        progress->total_bytes = number_sum(progress->total_bytes, here->sync_total_bytes);
    }
    if (shard && lag_bytes <= progress->lag_bytes)
        return;
    progress->lag_bytes = lag_bytes > 0 ? lag_bytes : 0;
    progress->worst = run->site->shards.items[shard].name;
}

static void keep_evidence(struct step_run *run, const struct positions *seen) {
    struct json *shards = json_new_array();
    for (size_t s = 0; s < seen->count; s++) {
        struct json *entry = json_new_object();
        json_put_string(entry, "shard", run->site->shards.items[s].name);
        json_put(entry, "source", shape_write(&replication_shape, &seen->items[s].source));
        json_put(entry, "target", shape_write(&replication_shape, &seen->items[s].target));
        json_append(shards, entry);
    }
    json_put(run->evidence, "shards", shards);
}

static int64_t *unknown_counts(size_t count) {
    int64_t *counts = xcalloc(count, sizeof *counts);
    for (size_t i = 0; i < count; i++)
        counts[i] = -1;
    return counts;
}

/* One look at both sides; *done when the lag was small for long enough. */
static bool look(struct step_run *run, struct following *following, bool *done, struct error *err) {
    struct site *site = run->site;
    AUTO(positions_clear) struct positions seen = { 0 };
    struct progress progress = { .worst = "" };
    if (!site_source(site, SITE_PRIMARIES, err) || !mark_watch(site, false, err) ||
        !site_watch_unmoved(site, err) || !site_targets(site, err) ||
        !positions_look(site, "default", &seen, err) || !skipped_nothing(site, run->step->id, err))
        return false;
    if (!following->full_syncs_before)
        following->full_syncs_before = unknown_counts(seen.count);
    for (size_t s = 0; s < seen.count; s++) {
        if (!still_follows(run, following, s, &seen.items[s], err))
            return false;
        watch_buffer(run, following, s, &seen.items[s]);
        count(run, s, &seen.items[s], &progress);
    }
    evictions_watch(run->site, run->step->id);
    int64_t now_mono_ms = clock_mono_ms();
    bool close = progress.close_count == seen.count;
    if (!close)
        following->in_sync_since_mono_ms = 0;
    else if (!following->in_sync_since_mono_ms)
        following->in_sync_since_mono_ms = now_mono_ms;
    report(run, following, &progress, now_mono_ms);
    following->looks++;
    *done = close && now_mono_ms - following->in_sync_since_mono_ms >=
                         site->config->replication.in_sync.for_ms;
    if (!*done)
        return true;
    moment("in sync");
    keep_evidence(run, &seen);
    skipped_record(site, run->evidence);
    evictions_record(site, run->evidence);
    return true;
}

static void following_clear(struct following *following) {
    free(following->full_syncs_before);
}
AUTO_VALUE(struct following, following_clear)

static bool follow(struct step_run *run, struct error *err) {
    AUTO(following_clear) struct following following = { .started_mono_ms = clock_mono_ms() };
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
