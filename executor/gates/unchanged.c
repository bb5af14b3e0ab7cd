/* The environment is as the plan saw it where the cutover depends on it: the source is the same
 * process and the primary, the group migrates and nothing else is done to it, its data fits right
 * now (a replica ignores maxmemory, and evicts when it is promoted), and the source has room for
 * the last comparison: from the fence on nobody writes, so that this stays true. */
#include <inttypes.h>
#include <string.h>

#include "executor/cutover/questions.h"
#include "executor/gates/gate.h"
#include "executor/gates/settings.h"
#include "executor/site/followers.h"
#include "executor/site/memory.h"
#include "schemas/base/clock.h"
#include "schemas/base/memory.h"
#include "schemas/base/units.h"

#define FOLLOWERS_MS 2000 /* as much as the cutover has for it */

static bool primary_stands(const struct site_node *primary, const struct replication *seen,
                           struct error *err) {
    const char *planned = primary->planned_run_id;
    if (!seen->is_primary)
        return error_set(err, ERROR_BLOCKED, "the source '%s' is no longer a primary",
                         primary->address);
    if (planned && seen->run_id && strcmp(planned, seen->run_id) != 0) {
        error_set(err, ERROR_BLOCKED, "the source '%s' was restarted since the plan was made",
                  primary->address);
        return error_hint(err,
                          "plan again and approve the new plan: the target may have copied again");
    }
    return true;
}

static bool source_stands(struct step_run *run, struct error *err) {
    struct site *site = run->site;
    AUTO(many_clear) struct many primaries = { 0 };
    AUTO(replications_clear) struct replications seen = { 0 };
    if (!site_source(site, SITE_PRIMARIES, err))
        return false;
    site_list(site, SITE_PRIMARIES, &primaries);
    if (!replication_ask_many(&primaries, NULL, REDIS_NOW, &seen, err))
        return false;
    for (size_t s = 0; s < seen.count; s++)
        if (!primary_stands(site_primary(site, s), &seen.items[s], err))
            return false;
    if (!cutover_questions(site, err))
        return false;
    if (site_is_unmoved(site, true, err))
        return true;
    err->code = err->code == ERROR_FAILED ? ERROR_BLOCKED : err->code;
    return error_hint(err, "plan again and approve the new plan");
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
        error_set(err, ERROR_BLOCKED, "group '%s' no longer replicates from the source", name);
        return error_hint(err,
                          "read its events, then abort this run and plan again: ecmig abort %s",
                          run->site->config_file ? run->site->config_file : "FILE");
    }
    if (strcmp(group.status, "deleting") == 0) {
        error_set(err, ERROR_BLOCKED, "group '%s' is being deleted", name);
        return error_hint(err, "find out who deletes it, then abort this run: ecmig abort %s",
                          run->site->config_file ? run->site->config_file : "FILE");
    }
    error_set(err, ERROR_GATE, "waits for group '%s', whose status is %s", name, group.status);
    return error_hint(err, "apply again when its status is migrating and nothing else changes it");
}

static bool node_fits(const char *address, const struct redis_reply *reply, struct error *err) {
    AUTO(server_info_clear) struct server_info server = { 0 };
    server_info_read(reply, &server);
    int64_t used = server.used_bytes, limit = server.maxmemory_bytes;
    if (!limit || used <= limit)
        return true;
    AUTO(string_free) char *used_text = units_bytes(used), *limit_text = units_bytes(limit);
    error_set(err, ERROR_BLOCKED, "the target's node '%s' uses %s of its %s maxmemory", address,
              used_text, limit_text);
    return error_hint(err,
                      "it would evict keys once promoted: abort and choose a larger node type");
}

static bool data_fits(struct step_run *run, struct error *err) {
    struct site *site = run->site;
    AUTO(many_clear) struct many targets = { 0 };
    AUTO(many_replies_clear) struct many_replies replies = { 0 };
    if (!site_targets(site, err))
        return false;
    site_list(site, SITE_TARGETS, &targets);
    if (!many_call(&targets, REDIS_NOW, &replies, err, "INFO", "memory", NULL))
        return false;
    for (size_t i = 0; i < replies.count; i++)
        if (!node_fits(site->targets.items[i].address, replies.items[i], err))
            return false;
    return true;
}

/* Found out here, it costs the writers nothing. */
static bool followers_stand(struct step_run *run, struct error *err) {
    if (followers_are_known(run->site, clock_mono_ms() + FOLLOWERS_MS, err))
        return true;
    err->code = err->code == ERROR_FAILED     ? ERROR_BLOCKED
                : err->code == ERROR_DEADLINE ? ERROR_GATE
                                              : err->code;
    return false;
}

static bool pass(struct step_run *run, const struct plan_gate *gate, struct error *err) {
    (void)gate;
    return source_stands(run, err) && settings_stand(run, err) && group_stands(run, err) &&
           data_fits(run, err) && memory_allows(run->site, err) && followers_stand(run, err);
}

const struct gate_condition gate_condition_unchanged = { .name = "unchanged", .pass = pass };
