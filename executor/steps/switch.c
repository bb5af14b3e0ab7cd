/* Row 11: from here on there is no way back. The hooks move the applications, in order; they are
 * idempotent, and a hook whose check passes is done. */
#include <string.h>

#include "executor/cutover/cutover.h"
#include "executor/hook.h"
#include "schemas/base/clock.h"
#include "schemas/base/memory.h"

static bool by_hand(const struct site *site, struct error *err) {
    return error_hint(err,
                      "nobody can write meanwhile: mend it and apply again, or move the "
                      "applications to '%s' by hand",
                      site->target_address ? site->target_address : "the target");
}

static bool announce(struct step_run *run, struct error *err) {
    AUTO(json_free) struct json *data = json_new_object();
    json_put_string(data, "state", "switch_started");
    json_put_string(data, "target", run->site->target_address);
    /* The promotion happened; as long as this cannot be written down, no hook may start. */
    return journal_record_outcome(run->site->journal, "the applications are being switched",
                                  JOURNAL_CUTOVER, NULL, 0, data, err);
}

/* A process that took the place of the one that was fenced began without the fence: what it was
 * told by writers meanwhile is on the source alone. One that is gone takes no writes. */
static bool stood_fenced(struct site *site, size_t shard, struct error *err) {
    struct redis_connection *primary;
    AUTO(replication_clear) struct replication now = { 0 };
    const char *known = site->cutover->shards.items[shard].at_final.run_id;
    const char *address = site_primary(site, shard)->address;
    if (!site_node(site, address, &primary, err) ||
        !replication_ask(primary, NULL, REDIS_NOW, &now, err)) {
        if (err->code == ERROR_FENCED)
            return false;
        error_clear(err);
        return true;
    }
    return !known || !now.run_id || strcmp(known, now.run_id) == 0 ||
           error_set(err, ERROR_FAILED,
                     "the source '%s' was restarted after it was fenced, and may have taken writes "
                     "that the target does not have",
                     address) ||
           error_hint(err,
                      "give the applications the source back, which has them all: ecmig abort %s",
                      site->config_file ? site->config_file : "FILE");
}

static bool source_stood_fenced(struct site *site, struct error *err) {
    const struct journal_mark *begun =
        &journal_state(site->journal)->marks[JOURNAL_MARK_SWITCH_STARTED];
    if (begun->count || !cutover_fences(site))
        return true;
    for (size_t i = 0; i < site->shards.count && i < site->cutover->shards.count; i++)
        if (!stood_fenced(site, i, err))
            return false;
    return true;
}

static bool switch_over(struct step_run *run, struct error *err) {
    struct site *site = run->site;
    if (!site_targets(site, err) || !source_stood_fenced(site, err) || !announce(run, err))
        return false;
    gitstore_hurry(site->store, false);
    struct json *hooks = json_new_array();
    json_put(run->evidence, "hooks", hooks);
    const struct config_hooks *planned = &site->config->cutover.switch_hooks;
    for (size_t i = 0; i < planned->count; i++) {
        const struct config_hook *hook = &planned->items[i];
        if (hook_is_done(site, run->step->id, hook) ||
            hook_run(site, run->step->id, hook, &hook->run, hooks, err))
            continue;
        return err->code == ERROR_ABORTED ? false : by_hand(site, err);
    }
    if (site->config->cutover.writes == WRITES_HOOK && !cutover_release(site, err))
        return by_hand(site, err);
    int64_t refused_ms =
        site->cutover->refused_at_ms ? clock_wall_ms() - site->cutover->refused_at_ms : 0;
    json_put_int(run->evidence, "waited_ms", site->cutover->waited_ms);
    json_put_int(run->evidence, "refused_ms", refused_ms);
    events_emit(site->events, EVENT_WRITES, SEVERITY_NOTE, run->step->id, "switched", NULL,
                "the applications write to %s", site->target_address);
    return true;
}

const struct step_runner step_switch = { .run = switch_over };
