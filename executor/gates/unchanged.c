/* The world is as the plan saw it where the cutover depends on it: the source is the same process
 * and the primary, the group migrates and nothing else is done to it, and its data fits right now
 * (a replica ignores maxmemory, and evicts when it is promoted). */
#include <inttypes.h>
#include <string.h>

#include "executor/gates/gate.h"
#include "schemas/base/clock.h"
#include "schemas/base/memory.h"
#include "schemas/base/units.h"

static bool source_stands(struct step_run *run, struct error *err) {
    struct redis_connection *primary;
    AUTO(replication_clear) struct replication seen = { 0 };
    if (!site_primary(run->site, &primary, err) ||
        !replication_ask(primary, NULL, REDIS_NOW, &seen, err))
        return false;
    const char *planned =
        json_find_string(run->site->plan->core.observed.facts, "source.nodes[0].run_id");
    if (!seen.is_primary)
        return error_set(err, ERROR_BLOCKED, "the source '%s' is no primary any more",
                         redis_name(primary));
    if (planned && seen.run_id && strcmp(planned, seen.run_id) != 0)
        return error_set(err, ERROR_BLOCKED,
                         "the source '%s' was restarted since the plan was made",
                         redis_name(primary)) ||
               error_hint(err,
                          "plan again and approve the new plan: the target may have copied again");
    return true;
}

static bool group_stands(struct step_run *run, struct error *err) {
    AUTO(replication_group_clear) struct replication_group group = { 0 };
    const char *name = run->site->config->target.replication_group;
    if (!elasticache_describe(run->site->service, name, clock_mono_ms() + 30000, &group, err))
        return false;
    if (strcmp(group.status, "migrating") == 0)
        return true;
    /* Not busy, but ended: no waiting brings the replication back. */
    if (strcmp(group.status, "available") == 0) {
        (void)error_set(err, ERROR_BLOCKED,
                        "group '%s' does not replicate from the source any more", name);
        return error_hint(err,
                          "read its events, then give this run up and plan afresh: ecmig abort %s",
                          run->site->config_file ? run->site->config_file : "FILE");
    }
    (void)error_set(err, ERROR_GATE, "waits for group '%s', whose status is %s", name,
                    group.status);
    return error_hint(err, "apply again when it is migrating and nothing else is done to it");
}

static bool data_fits(struct step_run *run, struct error *err) {
    struct redis_connection *target;
    AUTO(redis_reply_free) struct redis_reply *reply = NULL;
    if (!site_target(run->site, &target, err) ||
        !redis_call(target, REDIS_NOW, &reply, err, "INFO", "memory", NULL))
        return false;
    AUTO(info_clear) struct info info = { 0 };
    info_parse(redis_text(reply), reply->length, &info);
    int64_t used = info_int(&info, "used_memory", 0), limit = info_int(&info, "maxmemory", 0);
    if (!limit || used <= limit)
        return true;
    AUTO(string_free) char *used_text = units_bytes(used), *limit_text = units_bytes(limit);
    (void)error_set(err, ERROR_BLOCKED, "the target uses %s of its %s maxmemory", used_text,
                    limit_text);
    return error_hint(err,
                      "it would evict keys once promoted: abort and choose a larger node type");
}

static bool pass(struct step_run *run, const struct plan_gate *gate, struct error *err) {
    (void)gate;
    return source_stands(run, err) && group_stands(run, err) && data_fits(run, err);
}

const struct gate_condition gate_condition_unchanged = { .name = "unchanged", .pass = pass };
