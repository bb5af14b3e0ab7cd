/* The applications start against the target while it is still read-only: the ready hooks say so.
 *
 * They run only when nothing else is waited for. Their answer is for this run, this endpoint and
 * some minutes: a process that comes later within those does not ask again after a yes, and always
 * asks again after a no. */
#include <string.h>

#include "executor/cutover/hook.h"
#include "executor/gates/gate.h"
#include "executor/moment.h"
#include "schemas/base/clock.h"
#include "schemas/base/memory.h"

#define YES_LASTS_MS (10 * 60 * 1000)
#define NO_LASTS_MS (30 * 1000) /* while this process waits at the gate */

static bool holds_still(const struct site *site, const struct json *verdict) {
    const struct journal_state *state = journal_state(site->journal);
    bool yes = json_find_bool(verdict, "ready", false);
    int64_t age_ms = clock_wall_ms() - json_find_int(verdict, "asked_at_ms", 0);
    return string_same(json_find_string(verdict, "group"),
                       site->config->target.replication_group) &&
           string_same(json_find_string(verdict, "endpoint"), site->target_address) &&
           age_ms >= 0 && age_ms < moment_span_ms(yes ? YES_LASTS_MS : NO_LASTS_MS) &&
           (yes || state->ready_epoch == journal_epoch(site->journal));
}

static bool ask_all(struct step_run *run, struct json *answers, char **refused, struct error *err) {
    const struct config_hooks *hooks = &run->site->config->cutover.ready_hooks;
    for (size_t i = 0; i < hooks->count && !*refused; i++) {
        step_progress(run, "asking '%s' whether the applications are ready",
                      hooks->items[i].run.items[0]);
        if (!hook_ask(run, &hooks->items[i], answers, refused, err))
            return false;
    }
    return true;
}

/* Durable here with the next commit: the gate's own entry follows. */
static bool record(struct step_run *run, struct json *answers, const char *refused,
                   struct error *err) {
    const struct site *site = run->site;
    AUTO(json_free) struct json *data = json_new_object();
    json_put_string(data, "state", "ready");
    json_put_bool(data, "ready", !refused);
    json_put_string(data, "why", refused);
    json_put_string(data, "group", site->config->target.replication_group);
    json_put_string(data, "endpoint", site->target_address);
    json_put_int(data, "asked_at_ms", clock_wall_ms());
    json_put(data, "hooks", json_share(answers));
    bool added = journal_add(
        site->journal,
        &(struct journal_fact){ .type = JOURNAL_CHECKPOINT, .step = run->step->key, .data = data },
        err);
    moment("after the ready hooks");
    return added;
}

static bool ask(struct step_run *run, struct error *err) {
    struct site *site = run->site;
    AUTO(json_free) struct json *answers = json_new_array();
    AUTO(string_free) char *refused = NULL;
    /* They get the endpoint as the service names it now. */
    site_forget_target(site);
    if (!site_targets(site, err) || !ask_all(run, answers, &refused, err) ||
        !record(run, answers, refused, err))
        return false;
    events_emit(site->events,
                &(struct event_fact){ .kind = EVENT_GATE,
                                      .level = refused ? SEVERITY_WARNING : SEVERITY_NOTE,
                                      .step = run->step->id,
                                      .state = refused ? "not_ready" : "ready" },
                "%s%s", refused ? "not ready: " : "the ready hooks say yes",
                refused ? refused : "");
    return true;
}

static bool pass(struct step_run *run, const struct plan_gate *gate, struct error *err) {
    struct site *site = run->site;
    const char *file = site->config_file ? site->config_file : "FILE";
    const struct json *verdict = journal_state(site->journal)->ready;
    (void)gate;
    if (!site_targets(site, err) || (!holds_still(site, verdict) && !ask(run, err)))
        return false;
    verdict = journal_state(site->journal)->ready;
    if (json_find_bool(verdict, "ready", false)) {
        json_put_int(run->evidence, "ready_at_ms", json_find_int(verdict, "asked_at_ms", 0));
        return true;
    }
    const char *why = json_find_string(verdict, "why");
    error_set(err, ERROR_GATE, "the applications are not ready: %s", why ? why : "no reason given");
    return error_hint(err, "fix it; apply asks again: ecmig apply %s", file);
}

const struct gate_condition gate_condition_ready = { .name = "ready", .pass = pass };
