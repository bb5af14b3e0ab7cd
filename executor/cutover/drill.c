#include "executor/cutover/drill.h"

#include <string.h>

#include "executor/cutover/cutover.h"
#include "executor/cutover/fence.h"
#include "executor/gates/gate.h"
#include "schemas/base/clock.h"
#include "schemas/base/memory.h"

#define IN_SYNC_MS 60000 /* to become so, beyond the time that it must last */

static const struct plan_gate *gate_of(const struct plan *plan, const struct plan_step **step) {
    for (size_t g = 0; g < plan->core.gates.count; g++)
        for (size_t s = 0; s < plan->core.steps.count; s++)
            if (strcmp(plan->core.gates.items[g].step, plan->core.steps.items[s].id) == 0) {
                *step = &plan->core.steps.items[s];
                return &plan->core.gates.items[g];
            }
    return NULL;
}

static bool can_hold_nodes(const struct site *site, struct error *err) {
    for (size_t i = 0; i < site->nodes.count; i++)
        if (site->nodes.items[i].version < FENCE_HOLD_VERSION)
            return error_set(err, ERROR_BLOCKED,
                             "writers cannot be held: CLIENT PAUSE WRITE exists since 6.2, '%s' is "
                             "older",
                             site->nodes.items[i].address);
    return true;
}

static bool nothing_replicates(const struct site *site, struct error *err) {
    error_set(err, ERROR_BLOCKED, "group '%s' does not replicate from the source yet",
              site->config->target.replication_group);
    return error_hint(err, "bring the run to its gate first: ecmig apply %s",
                      site->config_file ? site->config_file : "FILE");
}

/* Hold and sample need a target that follows this source, and a source that can make writers wait.
 */
static bool can_hold(struct site *site, struct error *err) {
    AUTO(positions_clear) struct positions seen = { 0 };
    enum config_writes writes = site->config->cutover.writes;
    if (writes != WRITES_PAUSE && writes != WRITES_HOOK)
        return error_set(err, ERROR_BLOCKED, "cutover.writes is '%s': writers are never held",
                         config_writes_names[writes]);
    if (!site_source(site, SITE_NODES, err) ||
        (writes == WRITES_PAUSE && !can_hold_nodes(site, err)))
        return false;
    if (!site_targets(site, err))
        return err->code == ERROR_NOT_FOUND ? nothing_replicates(site, err) : false;
    if (!positions_look(site, NULL, &seen, err))
        return false;
    for (size_t s = 0; s < seen.count; s++) {
        const char *from = seen.items[s].target.follows;
        if (!from || !site_node_is(site_primary(site, s), from))
            return nothing_replicates(site, err);
    }
    return true;
}

/* The gate's conditions; whether it is approved or in its hours does not matter here. */
static bool gate_would_open(struct step_run *run, const struct plan_gate *gate, struct error *err) {
    static const struct gate_condition *const conditions[] = { &gate_condition_unchanged,
                                                               &gate_condition_in_sync };
    for (size_t i = 0; i < COUNT(conditions); i++) {
        if (conditions[i]->pass(run, gate, err))
            continue;
        if (err->code == ERROR_DEADLINE)
            return error_set(err, ERROR_BLOCKED, "the target does not get in sync");
        if (err->code == ERROR_GATE)
            err->code = ERROR_BLOCKED;
        return false;
    }
    return true;
}

static bool hold_and_catch_up(struct step_run *run, struct drill *drill, struct error *err) {
    struct site *site = run->site;
    struct cutover *cutover = site->cutover;
    AUTO(positions_clear) struct positions seen = { 0 };
    if (!step_may_act(run, err) || !cutover_hold(site, err))
        return false;
    events_emit(
        site->events,
        &(struct event_fact){ .kind = EVENT_WRITES, .step = run->step->id, .state = "held" },
        "writers wait on the source");
    if (!positions_look(site, NULL, &seen, err) || !cutover_sample(site, err))
        return false;
    for (size_t s = 0; s < seen.count; s++) {
        int64_t behind = cutover->shards.items[s].at.offset - seen.items[s].target.applied_offset;
        drill->lag_bytes = behind > drill->lag_bytes ? behind : drill->lag_bytes;
    }
    drill->lag_bytes = drill->lag_bytes > 0 ? drill->lag_bytes : 0;
    if (!cutover_catch_up(site, cutover->pause_deadline_mono_ms, err))
        return false;
    drill->caught_up_ms = clock_mono_ms() - cutover->held_mono_ms;
    return true;
}

static bool rehearse(struct step_run *run, struct cutover *cutover, struct drill *drill,
                     struct error *err) {
    struct site *site = run->site;
    AUTO(error_clear) struct error unreleased = { 0 };
    cutover->waited_ms = -1;
    cutover->pause_deadline_mono_ms = clock_mono_ms() + site->config->cutover.max_write_pause_ms;
    site->cutover = cutover;
    bool fine = hold_and_catch_up(run, drill, err);
    bool released = cutover_release(site, &unreleased);
    site->cutover = NULL;
    drill->waited_ms = cutover->waited_ms;
    if (released) {
        events_emit(site->events,
                    &(struct event_fact){
                        .kind = EVENT_WRITES, .step = run->step->id, .state = "released" },
                    "writers continue");
        bool ours = err->code != ERROR_LOCK_LOST && err->code != ERROR_ABORTED;
        if (!fine && ours && cutover->held_mono_ms)
            err->code = ERROR_ROLLED_BACK;
        return fine;
    }
    if (fine)
        error_move(err, &unreleased);
    return error_hint(err, site->config->cutover.writes == WRITES_HOOK
                               ? "the writers are still stopped: start them, or apply again, which "
                                 "runs the undo of cutover.hold"
                               : "writers that still wait continue by themselves within 10 s");
}

/* `data` holds what else there is to say. */
static bool record(struct site *site, const char *state, struct json *data,
                   const struct drill *drill, const struct error *failure, struct error *err) {
    AUTO(string_free) char *subject = xasprintf("drill %s", state);
    json_put_string(data, "state", state);
    json_put_string(data, "actor", site->actor);
    if (drill) {
        json_put_int(data, "waited_ms", drill->waited_ms);
        json_put_int(data, "caught_up_ms", drill->caught_up_ms);
        json_put_int(data, "lag_bytes", drill->lag_bytes);
    }
    if (failure)
        json_put_string(data, "message", failure->message);
    return journal_record(site->journal, subject,
                          &(struct journal_fact){ .type = JOURNAL_DRILL, .data = data }, err);
}

static bool hold_once(struct step_run *run, const struct plan_gate *gate, struct drill *out,
                      struct error *err) {
    struct site *site = run->site;
    AUTO(cutover_free) struct cutover *cutover = xcalloc(1, sizeof *cutover);
    AUTO(json_free) struct json *begun = json_new_object();
    AUTO(json_free) struct json *ended = json_new_object();
    struct drill drill = { -1, -1, -1 };
    run->deadline_mono_ms = clock_mono_ms() + site->config->replication.in_sync.for_ms + IN_SYNC_MS;
    if (!gate_would_open(run, gate, err) || !record(site, "started", begun, NULL, NULL, err))
        return false;
    bool fine = rehearse(run, cutover, &drill, err);
    AUTO(error_clear) struct error unrecorded = { 0 };
    const char *state = cutover->held ? "unreleased" : fine ? "measured" : "failed";
    cutover_put_hooks(cutover, ended);
    bool recorded = record(site, state, ended, &drill, fine ? NULL : err, &unrecorded);
    if (fine && !recorded)
        error_move(err, &unrecorded);
    if (!fine || !recorded)
        return false;
    *out = drill;
    return true;
}

bool cutover_drill(struct site *site, int64_t reconcile_ms, struct markers *markers,
                   struct drill *out, struct error *err) {
    const struct plan_step *step = NULL;
    const struct plan_gate *gate = gate_of(site->plan, &step);
    if (!gate || journal_state(site->journal)->cutover != JOURNAL_MARK_COUNT)
        return error_set(err, ERROR_BLOCKED,
                         "the cutover has begun: it can no longer be rehearsed");
    AUTO(json_free) struct json *evidence = json_new_object();
    struct step_run run = { .site = site, .step = step, .evidence = evidence };
    site->watch = &cutover_site_watch;
    return marker_end(site, err) && can_hold(site, err) &&
           (!reconcile_ms || marker_watch(&run, reconcile_ms, markers, err)) &&
           hold_once(&run, gate, out, err);
}

bool cutover_end_drill(struct site *site, struct error *err) {
    if (!marker_end(site, err))
        return false;
    if (!journal_state(site->journal)->drilling || site->config->cutover.writes != WRITES_HOOK)
        return true;
    AUTO(json_free) struct json *data = json_new_object();
    return site_source(site, SITE_NODES, err) && cutover_start_writers(site, data, err) &&
           record(site, "ended", data, NULL, NULL, err);
}
