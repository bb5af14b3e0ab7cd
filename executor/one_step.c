#include "executor/one_step.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "executor/cutover/cutover.h"
#include "executor/site/mark.h"
#include "executor/steps/kinds.h"
#include "schemas/base/clock.h"
#include "schemas/base/memory.h"

#define GATE_RECORD_EVERY_MS (5 * 60 * 1000)
#define GATE_SAY_EVERY_MS (30 * 1000)

bool step_in_section(const struct plan_step *step) {
    return step_kind_section(step->kind) == SECTION_CUTOVER;
}

bool step_is_effect(const struct plan_step *step) {
    return step->action != ACTION_CHECK && step->action != ACTION_GATE;
}

/* Entries of the critical section stay on this machine until its next commit: without a word. */
static bool write_entry(struct step_run *run, const struct journal_fact *fact, const char *word,
                        struct error *err) {
    struct site *site = run->site;
    if (!journal_add(site->journal, fact, err))
        return false;
    if (!word)
        return true;
    AUTO(string_free) char *subject = xasprintf("%s %s %s", run->step->id, run->step->key, word);
    if (!(fact->type == JOURNAL_STEP_STARTED ? journal_commit(site->journal, subject, err)
                                             : journal_commit_outcome(site->journal, subject, err)))
        return false;
    events_emit(site->events,
                &(struct event_fact){ .kind = EVENT_CHECKPOINT, .step = run->step->id },
                "%s recorded", subject);
    return true;
}

static bool start(struct step_run *run, const struct step_runner *runner, struct error *err) {
    struct site *site = run->site;
    const struct journal_step *known =
        journal_step_find(journal_state(site->journal), run->step->key);
    int64_t attempt = known ? known->attempts + 1 : 1;
    AUTO(json_free) struct json *intent = json_new_object();
    json_put_string(intent, "state", "do");
    bool first = !known || !known->intent;
    if (run->step->kind == STEP_GATE && known && known->state == PROGRESS_STARTED)
        return true;
    if (first && runner->intend && !runner->intend(run, intent, err))
        return false;
    bool commit = !runner->reads && !step_in_section(run->step);
    const struct journal_fact fact = { JOURNAL_STEP_STARTED, run->step->key, attempt, intent };
    if (write_entry(run, &fact, commit ? "started" : NULL, err))
        return true;
    if (!err->hint && err->code != ERROR_LOCK_LOST)
        error_hint(err, "nothing of %s was done: apply again when the state can be written",
                   run->step->id);
    return false;
}

/* What the service's support asks for first. */
static void put_requests(struct step_run *run) {
    AUTO(strings_clear) struct strings requests = { 0 };
    if (run->site->service)
        elasticache_take_requests(run->site->service, &requests);
    if (requests.count)
        json_put_strings(run->evidence, "requests", &requests);
}

static bool finish(struct step_run *run, const char *state, struct error *err) {
    struct site *site = run->site;
    const struct journal_step *known =
        journal_step_find(journal_state(site->journal), run->step->key);
    json_put_string(run->evidence, "state", state);
    put_requests(run);
    /* The audit ends the section: what it and the switch added is committed with it. */
    bool commit = !step_in_section(run->step) || run->step->kind == STEP_AUDIT;
    if (run->step->kind == STEP_GATE) {
        AUTO(json_free) struct json *gate = json_new_object();
        json_put_string(gate, "state", "passed");
        json_put_string(gate, "gate", json_find_string(run->evidence, "gate"));
        if (!journal_add(site->journal,
                         &(struct journal_fact){
                             .type = JOURNAL_GATE, .step = run->step->key, .data = gate },
                         err))
            return false;
    }
    const char *word = run->step->kind == STEP_GATE ? "passed" : state;
    const struct journal_fact fact = { JOURNAL_STEP_FINISHED, run->step->key,
                                       known ? known->attempts : 1, run->evidence };
    return write_entry(run, &fact, commit ? word : NULL, err);
}

static void remember_intent(struct step_run *run) {
    const struct journal_step *known =
        journal_step_find(journal_state(run->site->journal), run->step->key);
    run->intent = known ? known->intent : NULL;
}

static bool is_passing(const struct error *err) {
    return err->code == ERROR_UNREACHABLE || err->code == ERROR_THROTTLED ||
           err->code == ERROR_LOST_ANSWER;
}

/* Intent, effect, and again when the failure was one that passes. */
static bool act(struct step_run *run, const struct step_runner *runner, struct error *err) {
    int64_t attempts = run->step->retry.attempts > 0 ? run->step->retry.attempts : 1;
    bool effect = step_is_effect(run->step);
    for (int64_t attempt = 1;; attempt++) {
        bool marked = !effect || step_in_section(run->step) || mark_hold(run->site, err);
        if (marked && !start(run, runner, err))
            return false;
        if (marked) {
            remember_intent(run);
            run->acted = true;
        }
        if (marked && runner->run(run, err))
            return true;
        if (attempt >= attempts || step_in_section(run->step) || !is_passing(err))
            return false;
        events_warn(run->site->events, run->step->id, "attempt %" PRId64 " of %" PRId64 ": %s",
                    attempt, attempts, err->message);
        error_clear(err);
        if (!step_wait(run, run->step->retry.backoff_ms, err))
            return false;
    }
}

/* A gate that is waited at is looked at every few seconds, and recorded like any wait. */
static bool is_known_to_wait(const struct site *site, const char *name, const char *why) {
    const struct journal_gate *gate =
        name ? journal_gate_find(journal_state(site->journal), name) : NULL;
    const char *known = gate && !gate->passed ? json_find_string(gate->data, "message") : NULL;
    int64_t age_ms = gate ? clock_wall_ms() - gate->at_ms : 0;
    return known && strcmp(known, why) == 0 && age_ms >= 0 && age_ms < GATE_RECORD_EVERY_MS;
}

/* How a step that did not get through is recorded: a gate waits, an interrupted step stays open and
 * is looked at again, anything else failed. */
static bool record_failure(struct step_run *run, const struct error *failure, struct error *err) {
    struct site *site = run->site;
    AUTO(json_free) struct json *data = json_new_object();
    json_put_string(data, "error", error_name(failure->code));
    json_put_string(data, "message", failure->message);
    if (failure->code == ERROR_INTERRUPTED || failure->code == ERROR_ABORTED ||
        failure->code == ERROR_LOCK_LOST || failure->code == ERROR_NOT_RECORDED)
        return true;
    if (failure->code == ERROR_GATE) {
        const char *gate = json_find_string(run->evidence, "gate");
        if (is_known_to_wait(site, gate, failure->message))
            return true;
        json_put_string(data, "state", "waiting");
        json_put_string(data, "gate", gate);
        return write_entry(run, &(struct journal_fact){ JOURNAL_GATE, run->step->key, 0, data },
                           "waits", err);
    }
    if (step_in_section(run->step) && journal_state(site->journal)->cutover == JOURNAL_MARK_COUNT)
        return true; /* taken back already */
    json_put_string(data, "state", "failed");
    enum journal_progress progress =
        journal_progress_of(journal_state(site->journal), run->step->key);
    bool commit = !step_in_section(run->step) && run->acted;
    const struct journal_fact fact = { JOURNAL_STEP_FINISHED, run->step->key, 0, data };
    return progress != PROGRESS_STARTED || write_entry(run, &fact, commit ? "failed" : NULL, err);
}

/* A server that stops being the primary ends its connections: that is said, rather than this. */
static void name_failover(struct site *site, struct error *failure) {
    AUTO(many_clear) struct many primaries = { 0 };
    AUTO(replications_clear) struct replications seen = { 0 };
    AUTO(error_clear) struct error ignored = { 0 };
    site_list(site, SITE_PRIMARIES, &primaries);
    if (failure->code != ERROR_UNREACHABLE ||
        !replication_ask_many(&primaries, "replication", REDIS_NOW, &seen, &ignored))
        return;
    for (size_t s = 0; s < seen.count; s++)
        if (!seen.items[s].is_primary) {
            error_set(failure, failure->code, "the source '%s' is no longer a primary",
                      site_primary(site, s)->address);
            error_hint(failure, "it failed over: plan again, the source is authoritative");
            return;
        }
}

/* Before anything was sent, a failure gives the writers back to the source. */
static void give_back(struct step_run *run, struct error *failure) {
    AUTO(error_clear) struct error err = { 0 };
    if (cutover_lift(run->site, failure->message, &err)) {
        name_failover(run->site, failure);
        failure->code = ERROR_ROLLED_BACK;
        return;
    }
    error_wrap(failure, "the source could not be given back to the writers (%s)", err.message);
    bool known = err.code == ERROR_LOCK_LOST || err.code == ERROR_NOT_RECORDED;
    if (failure->code != ERROR_LOCK_LOST)
        failure->code = known ? err.code : ERROR_UNCERTAIN;
    error_hint(failure, "apply again: it resolves the cutover before anything else");
}

/* Nothing was done and nothing is known: the intent stays open, for a later look or the operator's
 * word (executor/recover.h). */
static bool is_in_doubt(const struct step_run *run, struct error *err) {
    if (err->code == ERROR_INTERRUPTED || err->code == ERROR_ABORTED ||
        err->code == ERROR_LOCK_LOST || err->code == ERROR_NOT_RECORDED)
        return false;
    const char *file = run->site->config_file ? run->site->config_file : "FILE";
    error_wrap(err, "it is not known whether step %s took effect", run->step->id);
    err->code = ERROR_UNCERTAIN;
    return error_hint(err, "apply again when it can be observed, or decide it: ecmig recover %s",
                      file) ||
           true;
}

void waiting_said_clear(struct waiting_said *said) {
    free(said->why);
}

/* A gate may be waited at for a night: what it waits for is said when that changes, and with it a
 * sign of life now and then. */
static void say_waiting(struct site *site, const struct plan_step *step, const char *why,
                        struct waiting_said *said) {
    bool known = said->why && strcmp(said->why, why) == 0;
    int64_t now_mono_ms = clock_mono_ms();
    if (known && now_mono_ms - said->at_mono_ms < GATE_SAY_EVERY_MS)
        return;
    events_emit(site->events,
                &(struct event_fact){ .kind = known ? EVENT_STEP_PROGRESS : EVENT_GATE,
                                      .level = SEVERITY_NOTE,
                                      .step = step->id,
                                      .state = "waiting" },
                "%s", why);
    string_replace(&said->why, why);
    said->at_mono_ms = now_mono_ms;
}

/* A gate is waited at; anything else failed. */
static void say_failed(const struct step_run *run, struct waiting_said *said,
                       const struct error *err) {
    if (err->code == ERROR_GATE)
        say_waiting(run->site, run->step, err->message, said);
    else
        events_emit(run->site->events,
                    &(struct event_fact){ .kind = EVENT_STEP_FINISHED,
                                          .level = SEVERITY_ERROR,
                                          .step = run->step->id,
                                          .state = "failed" },
                    "%s", err->message);
}

bool step_once(struct site *site, const struct plan_step *step, struct waiting_said *said,
               bool *acted, struct error *err) {
    const struct step_runner *runner = step_runner_of(step->kind);
    AUTO(json_free) struct json *evidence = json_new_object();
    struct step_run run = { .site = site,
                            .step = step,
                            .evidence = evidence,
                            .deadline_mono_ms = clock_mono_ms() + step->timeout_s * 1000 };
    if (!said->why)
        events_emit(site->events,
                    &(struct event_fact){ .kind = EVENT_STEP_STARTED, .step = step->id }, "%s",
                    step->reason);
    bool done = false, fine = true, in_doubt = false;
    if (journal_progress_of(journal_state(site->journal), step->key) == PROGRESS_STARTED) {
        remember_intent(&run);
        fine = !runner->probe || runner->probe(&run, &done, err);
        in_doubt = !fine && !step_in_section(step) && is_in_doubt(&run, err);
        if (done)
            json_put_bool(evidence, "found_done", true);
    }
    if (fine && !done)
        fine = act(&run, runner, err);
    *acted = run.acted;
    if (fine && finish(&run, "done", err)) {
        events_emit(site->events,
                    &(struct event_fact){ .kind = EVENT_STEP_FINISHED,
                                          .step = step->id,
                                          .state = "done",
                                          .data = json_share(evidence) },
                    "%s", step->reason);
        return true;
    }
    if (fine && step_is_effect(step) && err->code == ERROR_NOT_RECORDED)
        error_wrap(err, "%s happened and could not be recorded", step->id);
    AUTO(error_clear) struct error unrecorded = { 0 };
    bool open_intent = journal_state(site->journal)->cutover == JOURNAL_MARK_INTENT;
    if (step_in_section(step) && open_intent && err->code != ERROR_ABORTED &&
        err->code != ERROR_LOCK_LOST)
        give_back(&run, err);
    if (!in_doubt && !record_failure(&run, err, &unrecorded))
        error_wrap(err, "(and it could not be recorded: %s)", unrecorded.message);
    say_failed(&run, said, err);
    return false;
}
