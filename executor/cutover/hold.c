/* Hold to fence: writers wait, the target has everything, then the source refuses writes. Every
 * shard takes part in every move at once. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "executor/cutover/cutover.h"
#include "executor/cutover/fence.h"
#include "executor/cutover/hook.h"
#include "executor/moment.h"
#include "schemas/base/clock.h"
#include "schemas/base/memory.h"

#define HOLD_MS "10000" /* renewed every 3 s, and over by itself when we die */
#define HOLD_RENEW_MS 3000
#define CATCH_UP_POLL_MS 2
#define STOPPED_MS 1000 /* long enough a primary to have been promoted */

static bool is_by_hook(const struct site *site) {
    return site->config->cutover.writes == WRITES_HOOK;
}

/* An abort has no step that holds, but one that starts the writers. */
static const char *hold_step(const struct site *site) {
    for (size_t i = 0; i < site->plan->core.steps.count; i++) {
        enum step_kind kind = site->plan->core.steps.items[i].kind;
        if (kind == STEP_HOLD || kind == STEP_START_WRITERS)
            return site->plan->core.steps.items[i].id;
    }
    return "";
}

static bool pause_primaries(struct site *site, struct error *err) {
    AUTO(many_clear) struct many primaries = { 0 };
    site_list(site, SITE_PRIMARIES, &primaries);
    bool held =
        many_call(&primaries, REDIS_NOW, NULL, err, "CLIENT", "PAUSE", HOLD_MS, "WRITE", NULL);
    moment("after CLIENT PAUSE");
    return held;
}

static bool stop_writers(struct site *site, struct error *err) {
    const struct config_hook *hook = &site->config->cutover.hold;
    return hook_is_done(site, hold_step(site), hook) ||
           hook_run(site, hold_step(site), hook, &hook->run, cutover_hooks(site->cutover), err);
}

bool cutover_hold(struct site *site, struct error *err) {
    struct cutover *cutover = site->cutover;
    int64_t now_mono_ms = clock_mono_ms();
    if (!cutover->held)
        cutover->held_mono_ms = now_mono_ms;
    /* Also where only some of them are held: then there is something to release. */
    cutover->held = true;
    if (!(is_by_hook(site) ? stop_writers(site, err) : pause_primaries(site, err)))
        return error_wrap(err, "holding the writers");
    cutover->renewed_mono_ms = now_mono_ms;
    return true;
}

bool cutover_renew_hold(struct site *site, struct error *err) {
    const struct cutover *cutover = site->cutover;
    bool due = cutover->held && clock_mono_ms() - cutover->renewed_mono_ms >= HOLD_RENEW_MS;
    return !due || is_by_hook(site) || cutover_hold(site, err);
}

static bool unpause_primaries(struct site *site, struct error *err) {
    AUTO(many_clear) struct many primaries = { 0 };
    site_list(site, SITE_PRIMARIES, &primaries);
    bool released = many_call(&primaries, REDIS_NOW, NULL, err, "CLIENT", "UNPAUSE", NULL);
    moment("after CLIENT UNPAUSE");
    return released;
}

static bool start_writers(struct site *site, struct error *err) {
    const struct config_hook *hook = &site->config->cutover.hold;
    return hook_run(site, hold_step(site), hook, &hook->undo, cutover_hooks(site->cutover), err);
}

bool cutover_release(struct site *site, struct error *err) {
    struct cutover *cutover = site->cutover;
    if (!cutover->held)
        return true;
    if (!(is_by_hook(site) ? start_writers(site, err) : unpause_primaries(site, err)))
        return error_wrap(err, "releasing the writers");
    cutover->held = false;
    if (cutover->held_mono_ms)
        cutover->waited_ms = clock_mono_ms() - cutover->held_mono_ms;
    return true;
}

bool cutover_start_writers(struct site *site, struct json *record, struct error *err) {
    AUTO(cutover_free) struct cutover *cutover = xcalloc(1, sizeof *cutover);
    cutover->held = true;
    site->cutover = cutover;
    bool started = cutover_release(site, err);
    site->cutover = NULL;
    cutover_put_hooks(cutover, record);
    return started;
}

bool cutover_sample(struct site *site, struct error *err) {
    AUTO(many_clear) struct many primaries = { 0 };
    AUTO(replications_clear) struct replications seen = { 0 };
    site_list(site, SITE_PRIMARIES, &primaries);
    if (!cutover_know_shards(site, site->cutover, err) ||
        !replication_ask_many(&primaries, NULL, site_deadline(site), &seen, err))
        return false;
    for (size_t i = 0; i < seen.count; i++) {
        struct cutover_shard *shard = &site->cutover->shards.items[i];
        if (!replication_is_source(&seen.items[i], redis_name(primaries.items[i]), err))
            return false;
        string_replace(&shard->at.replid, seen.items[i].replid);
        shard->at.offset = seen.items[i].offset;
    }
    return true;
}

/* What a node of each shard says now of the history that was sampled there: one that continues it,
 * whoever is the primary by now; else the old primary. A failover ends connections: they are made
 * anew, and a node that is gone leaves the answer to the others. */
static void ask_sources(struct site *site, struct positions *out) {
    AUTO(many_clear) struct many nodes = { 0 };
    AUTO(many_replies_clear) struct many_replies replies = { 0 };
    AUTO(error_clear) struct error gone = { 0 };
    if (!site_source(site, SITE_NODES, &gone))
        error_clear(&gone);
    site_list(site, SITE_NODES, &nodes);
    if (!many_call(&nodes, site_deadline(site), &replies, &gone, "INFO", NULL))
        error_clear(&gone);
    for (size_t i = 0; i < replies.count; i++) {
        const size_t shard = site->nodes.items[i].shard;
        AUTO(replication_clear) struct replication seen = { 0 };
        AUTO(server_info_clear) struct server_info server = { 0 };
        if (!replies.items[i])
            continue;
        server_info_read(replies.items[i], &server);
        replication_read(&server, &seen);
        if (!site->nodes.items[i].is_primary &&
            !replication_continues(&seen, &site->cutover->shards.items[shard].at))
            continue;
        replication_clear(&out->items[shard].source);
        out->items[shard].source = seen;
        seen = (struct replication){ 0 };
    }
}

bool cutover_look(struct site *site, struct positions *out, struct error *err) {
    bool other = false;
    if (!positions_look(site, NULL, out, err))
        return false;
    /* Another history is only asked about when the target shows one. */
    for (size_t s = 0; s < out->count; s++) {
        const struct replication *target = &out->items[s].target;
        const char *replid = target->is_primary ? target->replid2 : target->replid;
        other |= !replid || strcmp(replid, site->cutover->shards.items[s].at.replid) != 0;
    }
    if (other)
        ask_sources(site, out);
    return true;
}

/* The first shard whose target lacks something that was sampled; NULL when none does. */
static const struct cutover_shard *find_behind(const struct cutover *cutover,
                                               const struct positions *seen,
                                               const struct replication **target) {
    for (size_t s = 0; s < seen->count; s++) {
        const struct cutover_shard *shard = &cutover->shards.items[s];
        const struct position *position = &seen->items[s];
        *target = &position->target;
        if (!replication_caught_up(&position->target, &position->source, &shard->at))
            return shard;
    }
    return NULL;
}

/* Its offset alone may be that of the source: it counts only with the link up, in one reply. */
static bool not_in_time(const struct cutover_shard *shard, const struct replication *target,
                        struct error *err) {
    const char *link = target->is_primary ? "it is a primary and follows nobody"
                       : target->syncing  ? "it is copying everything again"
                       : !target->link_up ? "its replication link is down (master_link_status)"
                       : target->applied_offset >= shard->at.offset
                           ? "it follows another history of the source"
                           : NULL;
    (void)error_set(err, ERROR_DEADLINE,
                    "the target did not catch up: it is at %" PRId64 ", the source at %" PRId64
                    "%s%s",
                    target->applied_offset, shard->at.offset, link ? "; " : "", link ? link : "");
    return *shard->name && error_wrap(err, "slots %s", shard->name);
}

/* Nothing was sent, and the target is a primary: another actor ended the migration. A node that
 * restarts shows this for a moment, too. */
static bool stopped_following(const struct site *site, const struct replication *target,
                              int64_t *since_mono_ms, struct error *err) {
    int64_t now_mono_ms = clock_mono_ms();
    if (site->cutover->sent || !target->is_primary)
        *since_mono_ms = 0;
    else if (!*since_mono_ms)
        *since_mono_ms = now_mono_ms;
    if (!*since_mono_ms || now_mono_ms - *since_mono_ms < STOPPED_MS)
        return false;
    (void)error_set(
        err, ERROR_FAILED,
        "the target stopped following the source: it was promoted, and not by this run");
    (void)error_hint(err,
                     "find out who ended the migration (aws elasticache describe-events), then end "
                     "this run: ecmig abort %s",
                     site->config_file ? site->config_file : "FILE");
    return true;
}

bool cutover_catch_up(struct site *site, int64_t deadline_mono_ms, struct error *err) {
    int64_t stopped_since_mono_ms = 0;
    for (;;) {
        AUTO(positions_clear) struct positions seen = { 0 };
        const struct replication *target = NULL;
        if (!cutover_look(site, &seen, err))
            return error_wrap(err, "target");
        const struct cutover_shard *behind = find_behind(site->cutover, &seen, &target);
        if (!behind)
            return true;
        if (stopped_following(site, target, &stopped_since_mono_ms, err))
            return false;
        if (!cutover_wait(site, CATCH_UP_POLL_MS, deadline_mono_ms, err))
            return err->code == ERROR_DEADLINE && not_in_time(behind, target, err);
    }
}

bool cutover_fences(const struct site *site) {
    return site->config->cutover.writes != WRITES_NONE;
}

static bool fence_part(struct site *site, enum site_part part, struct error *err) {
    AUTO(many_clear) struct many nodes = { 0 };
    site_list(site, part, &nodes);
    return fence_set(&nodes, site->cutover->fence, err);
}

/* Replicas first: a replica that is promoted while the primary is being fenced refuses too. */
bool cutover_fence_all(struct site *site, struct error *err) {
    struct cutover *cutover = site->cutover;
    if (!cutover_fences(site))
        return true;
    if (!fence_part(site, SITE_REPLICAS, err) || !fence_part(site, SITE_PRIMARIES, err))
        return false;
    for (size_t i = 0; i < site->nodes.count; i++) {
        const struct site_node *node = &site->nodes.items[i];
        int64_t ended = 0;
        if (node->version < FENCE_SCRIPTS_VERSION &&
            !fence_end_clients(node->connection, &ended, err))
            return false;
    }
    moment("after the fence");
    cutover->fenced = true;
    cutover_watch_from_now(site);
    if (!cutover->refused_at_ms)
        cutover->refused_at_ms = clock_wall_ms();
    return true;
}
