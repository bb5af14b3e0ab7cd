/* Switch: the endpoint is proven, and from there on there is no way back. The hooks move the
 * applications, in order; they are idempotent, and a hook whose check passes is done. */
#include <string.h>

#include "executor/cutover/cutover.h"
#include "executor/cutover/hook.h"
#include "executor/steps/audit.h"
#include "executor/steps/endpoint.h"
#include "schemas/base/clock.h"
#include "schemas/base/memory.h"

static bool by_hand(const struct site *site, struct error *err) {
    return error_hint(err,
                      "writes are refused meanwhile: fix it and apply again, or move the "
                      "applications to '%s' by hand",
                      site->target_address ? site->target_address : "the target");
}

static bool announce(struct step_run *run, struct error *err) {
    AUTO(json_free) struct json *data = json_new_object();
    json_put_string(data, "state", "switch_started");
    json_put_string(data, "target", run->site->target_address);
    json_put(data, "endpoint", json_share(json_find(run->evidence, "endpoint")));
    /* The promotion happened; as long as this cannot be written down, no hook may start. */
    return journal_record_outcome(run->site->journal, "the applications are being switched",
                                  &(struct journal_fact){ .type = JOURNAL_CUTOVER, .data = data },
                                  err);
}

static bool restarted(const struct site *site, const char *address, struct error *err) {
    error_set(err, ERROR_FAILED,
              "the source '%s' was restarted after it was fenced, and may have accepted "
              "writes that the target does not have",
              address);
    return error_hint(
        err, "give the source, which has every write, back to the applications: ecmig abort %s",
        site->config_file ? site->config_file : "FILE");
}

/* A process that took the place of the one that was fenced began without the fence: what it was
 * told by writers meanwhile is on the source alone. One that is gone takes no writes. */
static bool source_stood_fenced(struct site *site, struct error *err) {
    const struct journal_mark *begun =
        &journal_state(site->journal)->marks[JOURNAL_MARK_SWITCH_STARTED];
    AUTO(many_clear) struct many primaries = { 0 };
    AUTO(many_replies_clear) struct many_replies replies = { 0 };
    AUTO(error_clear) struct error gone = { 0 };
    if (begun->count || !cutover_fences(site))
        return true;
    if (!site_source(site, SITE_PRIMARIES, &gone) && gone.code == ERROR_LOCK_LOST) {
        error_move(err, &gone);
        return false;
    }
    error_clear(&gone);
    site_list(site, SITE_PRIMARIES, &primaries);
    if (!many_call(&primaries, REDIS_NOW, &replies, &gone, "INFO", "server", NULL))
        error_clear(&gone);
    for (size_t s = 0; s < replies.count && s < site->cutover->shards.count; s++) {
        AUTO(server_info_clear) struct server_info server = { 0 };
        const char *known = site->cutover->shards.items[s].at_final.run_id;
        if (!replies.items[s] || !known)
            continue;
        server_info_read(replies.items[s], &server);
        if (server.run_id && !server_is_run(&server, known))
            return restarted(site, site_primary(site, s)->address, err);
    }
    return true;
}

static bool run_hooks(struct step_run *run, struct error *err) {
    struct site *site = run->site;
    const struct config_hooks *planned = &site->config->cutover.switch_hooks;
    for (size_t i = 0; i < planned->count; i++) {
        const struct config_hook *hook = &planned->items[i];
        if (!cutover_watch_at_once(site, err))
            return false;
        if (!hook_is_done(site, run->step->id, hook) &&
            !hook_run(site, run->step->id, hook, &hook->run, cutover_hooks(site->cutover), err))
            return false;
    }
    return site->config->cutover.writes != WRITES_HOOK || cutover_release(site, err);
}

static bool switch_over(struct step_run *run, struct error *err) {
    struct site *site = run->site;
    if (!step_prove_endpoint(run, err) || !source_stood_fenced(site, err) ||
        !audit_before_switch(run, err) || !announce(run, err))
        return false;
    gitstore_hurry(site->store, false);
    bool moved = run_hooks(run, err);
    cutover_put_hooks(site->cutover, run->evidence);
    if (!moved && err->code == ERROR_STALE)
        return error_hint(err, "writes are refused meanwhile: %s", err->hint);
    if (!moved)
        return err->code == ERROR_ABORTED ? false : by_hand(site, err);
    int64_t refused_ms =
        site->cutover->refused_at_ms ? clock_wall_ms() - site->cutover->refused_at_ms : 0;
    json_put_int(run->evidence, "waited_ms", site->cutover->waited_ms);
    json_put_int(run->evidence, "refused_ms", refused_ms);
    if (site->config->cutover.switch_hooks.count)
        events_emit(site->events,
                    &(struct event_fact){
                        .kind = EVENT_WRITES, .step = run->step->id, .state = "switched" },
                    "the applications write to %s", site->target_address);
    else
        events_emit(site->events,
                    &(struct event_fact){ .kind = EVENT_WRITES,
                                          .level = SEVERITY_WARNING,
                                          .step = run->step->id,
                                          .state = "switched" },
                    "MOVE THE APPLICATIONS to %s now: no hook does it", site->target_address);
    return true;
}

const struct step_runner step_switch = { .run = switch_over };
