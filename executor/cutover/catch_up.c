/* Sample to catch up: where every shard of the source stands, and until its target stands there. */
#include <inttypes.h>
#include <string.h>

#include "executor/cutover/cutover.h"
#include "schemas/base/clock.h"
#include "schemas/base/memory.h"

#define CATCH_UP_POLL_MS 2
#define STOPPED_MS 1000 /* long enough a primary to have been promoted */

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

/* What a node of each shard says now of the history that was sampled there: a node that continues
 * it, although another may be the primary by now; else the old primary. A failover ends
 * connections: they are made anew, and a node that is gone leaves the answer to the others. */
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
    const char *link = target->is_primary ? "it is a primary and does not replicate"
                       : target->syncing  ? "it is copying everything again"
                       : !target->link_up ? "its replication link is down (master_link_status)"
                       : target->applied_offset >= shard->at.offset
                           ? "it has a different replication history than the source"
                           : NULL;
    error_set(err, ERROR_DEADLINE,
              "the target did not catch up: it is at %" PRId64 ", the source at %" PRId64 "%s%s",
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
    error_set(err, ERROR_FAILED,
              "the target stopped following the source: it was promoted, but not by this run");
    error_hint(err,
               "find out who ended the migration (aws elasticache describe-events), then "
               "abort this run: ecmig abort %s",
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
