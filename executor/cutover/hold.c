/* Rows 3 to 7: writers wait, the target has everything, then the source refuses writes. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "executor/cutover/cutover.h"
#include "executor/cutover/fence.h"
#include "executor/moment.h"
#include "schemas/base/clock.h"
#include "schemas/base/memory.h"

#define HOLD_MS "10000" /* renewed every 3 s, and over by itself when we die */
#define CATCH_UP_POLL_MS 2
#define FINAL_CATCH_UP_MS 2000

bool cutover_hold(struct site *site, struct error *err) {
    struct cutover *cutover = site->cutover;
    AUTO(redis_reply_free) struct redis_reply *reply = NULL;
    int64_t now_mono_ms = clock_mono_ms();
    if (!redis_call(site->nodes.items[0].connection, REDIS_NOW, &reply, err, "CLIENT", "PAUSE",
                    HOLD_MS, "WRITE", NULL))
        return error_wrap(err, "holding the writers on '%s'", site->nodes.items[0].address);
    moment("after CLIENT PAUSE");
    cutover->renewed_mono_ms = now_mono_ms;
    if (!cutover->held)
        cutover->held_mono_ms = now_mono_ms;
    cutover->held = true;
    return true;
}

bool cutover_release(struct site *site, struct error *err) {
    struct cutover *cutover = site->cutover;
    if (!cutover->held)
        return true;
    AUTO(redis_reply_free) struct redis_reply *reply = NULL;
    if (!redis_call(site->nodes.items[0].connection, REDIS_NOW, &reply, err, "CLIENT", "UNPAUSE",
                    NULL))
        return error_wrap(err, "releasing the writers on '%s'", site->nodes.items[0].address);
    moment("after CLIENT UNPAUSE");
    cutover->held = false;
    cutover->waited_ms = clock_mono_ms() - cutover->held_mono_ms;
    return true;
}

bool cutover_sample(struct site *site, struct replication_sample *out, struct error *err) {
    AUTO(replication_clear) struct replication seen = { 0 };
    const struct site_node *primary = &site->nodes.items[0];
    if (!replication_ask(primary->connection, "replication", site_deadline(site), &seen, err))
        return false;
    if (!seen.is_primary || !seen.replid)
        return error_set(err, ERROR_FAILED, "the source '%s' is no primary any more",
                         primary->address);
    free(out->replid);
    out->replid = TAKE(seen.replid);
    out->offset = seen.offset;
    return true;
}

bool cutover_catch_up(struct site *site, const struct replication_sample *sample,
                      int64_t deadline_mono_ms, struct error *err) {
    for (;;) {
        AUTO(replication_clear) struct replication target = { 0 }, source = { 0 };
        if (!replication_ask(site->target, "replication", site_deadline(site), &target, err))
            return error_wrap(err, "target");
        if (replication_caught_up(&target, NULL, sample))
            return true;
        /* Another history is only asked about when the target shows one. */
        bool other = target.replid && strcmp(target.replid, sample->replid) != 0;
        if (other && !replication_ask(site->nodes.items[0].connection, "replication",
                                      site_deadline(site), &source, err))
            return error_wrap(err, "source");
        if (other && replication_caught_up(&target, &source, sample))
            return true;
        if (!cutover_wait(site, CATCH_UP_POLL_MS, deadline_mono_ms, err)) {
            if (err->code == ERROR_DEADLINE)
                (void)error_set(err, ERROR_DEADLINE,
                                "the target did not catch up: it is at %" PRId64
                                ", the source at %" PRId64,
                                target.applied_offset, sample->offset);
            return false;
        }
    }
}

static bool fence_node(const struct site_node *node, const char *value, struct error *err) {
    int64_t ended = 0;
    return fence_set(node->connection, value, err) &&
           (node->version >= FENCE_SCRIPTS_VERSION ||
            fence_end_clients(node->connection, &ended, err));
}

/* Replicas first: a replica that is promoted while the primary is being fenced refuses too. */
bool cutover_fence_all(struct site *site, struct error *err) {
    struct cutover *cutover = site->cutover;
    for (size_t i = site->nodes.count; i-- > 0;)
        if (!fence_node(&site->nodes.items[i], cutover->fence, err))
            return false;
    moment("after the fence");
    cutover->fenced = true;
    if (!cutover->refused_at_ms)
        cutover->refused_at_ms = clock_wall_ms();
    return true;
}

/* A replica that is not among the fenced nodes could be promoted without the fence. */
static bool topology_stands(struct site *site, const struct info *info, struct error *err) {
    AUTO(strings_clear) struct strings replicas = { 0 };
    replication_replicas(info, &replicas);
    for (size_t i = 0; i < replicas.count; i++) {
        bool known = site_is_target(site, replicas.items[i]);
        for (size_t n = 0; n < site->nodes.count; n++)
            known |= strcmp(site->nodes.items[n].address, replicas.items[i]) == 0;
        if (!known)
            return error_set(err, ERROR_FAILED,
                             "the source has a new replica '%s', which is not fenced",
                             replicas.items[i]);
    }
    return true;
}

static bool read_final(struct site *site, struct error *err) {
    struct cutover *cutover = site->cutover;
    struct redis_connection *primary = site->nodes.items[0].connection;
    AUTO(redis_reply_free) struct redis_reply *reply = NULL;
    if (!redis_call(primary, site_deadline(site), &reply, err, "INFO", "all", NULL))
        return false;
    AUTO(info_clear) struct info info = { 0 };
    AUTO(replication_clear) struct replication seen = { 0 };
    info_parse(redis_text(reply), reply->length, &info);
    replication_read(&info, &seen);
    if (!seen.is_primary || !seen.replid || !seen.run_id)
        return error_set(err, ERROR_FAILED, "the source '%s' is no primary any more",
                         redis_name(primary));
    const char *planned =
        json_find_string(site->plan->core.observed.facts, "source.nodes[0].run_id");
    if (planned && strcmp(planned, seen.run_id) != 0)
        return error_set(err, ERROR_FAILED, "the source '%s' was restarted since the plan was made",
                         redis_name(primary));
    if (!topology_stands(site, &info, err))
        return false;
    audit_counters_clear(&cutover->at_final);
    audit_counters_read(&info, &cutover->at_final);
    string_replace(&cutover->final.replid, seen.replid);
    cutover->final.offset = seen.offset;
    cutover->audit_from = seen.offset + 1;
    return true;
}

bool cutover_final(struct site *site, struct error *err) {
    int64_t deadline_mono_ms = clock_mono_ms() + FINAL_CATCH_UP_MS;
    if (deadline_mono_ms > site->cutover->pause_deadline_mono_ms && !site->cutover->sent)
        deadline_mono_ms = site->cutover->pause_deadline_mono_ms;
    return read_final(site, err) &&
           cutover_catch_up(site, &site->cutover->final, deadline_mono_ms, err);
}
