/* Final: where every shard of the source stands now that it is fenced, and that it is still the
 * source that was planned for. */
#include <inttypes.h>
#include <string.h>

#include "executor/cutover/cutover.h"
#include "executor/site/followers.h"
#include "executor/site/skipped.h"
#include "schemas/base/clock.h"
#include "schemas/base/memory.h"

#define FINAL_CATCH_UP_MS 2000

static bool read_shard(const struct site_node *primary, const struct redis_reply *reply,
                       struct cutover_shard *shard, struct error *err) {
    AUTO(server_info_clear) struct server_info server = { 0 };
    AUTO(replication_clear) struct replication seen = { 0 };
    server_info_read(reply, &server);
    replication_read(&server, &seen);
    if (!replication_is_source(&seen, primary->address, err))
        return false;
    if (primary->planned_run_id && seen.run_id && strcmp(primary->planned_run_id, seen.run_id) != 0)
        return error_set(err, ERROR_FAILED, "the source '%s' was restarted since the plan was made",
                         primary->address);
    audit_counters_clear(&shard->at_final);
    audit_counters_read(&server, &shard->at_final);
    string_replace(&shard->at.replid, seen.replid);
    shard->at.offset = seen.offset;
    shard->audit_from = seen.offset + 1;
    return true;
}

static bool read_final(struct site *site, struct error *err) {
    AUTO(many_clear) struct many primaries = { 0 };
    AUTO(many_replies_clear) struct many_replies replies = { 0 };
    site_list(site, SITE_PRIMARIES, &primaries);
    if (!cutover_know_shards(site, site->cutover, err) ||
        !many_call(&primaries, site_deadline(site), &replies, err, "INFO", "all", NULL))
        return false;
    for (size_t s = 0; s < site->shards.count; s++)
        if (!read_shard(site_primary(site, s), replies.items[s], &site->cutover->shards.items[s],
                        err))
            return false;
    /* Thorough: a slot that begins to move makes no epoch, and shows on its own server alone. */
    return site_is_unmoved(site, true, err);
}

bool cutover_final(struct site *site, struct error *err) {
    int64_t deadline_mono_ms = clock_mono_ms() + FINAL_CATCH_UP_MS;
    if (deadline_mono_ms > site->cutover->pause_deadline_mono_ms && !site->cutover->sent)
        deadline_mono_ms = site->cutover->pause_deadline_mono_ms;
    /* A replica that is not among the fenced nodes could be promoted without the fence. */
    return read_final(site, err) && followers_are_known(site, deadline_mono_ms, err) &&
           cutover_catch_up(site, deadline_mono_ms, err) && skipped_nothing(site, NULL, err);
}
