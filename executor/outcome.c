#include "executor/outcome.h"

#include <stdlib.h>
#include <string.h>

#include "executor/cutover/aftermath.h"
#include "executor/cutover/audit.h"
#include "executor/cutover/fence.h"
#include "executor/handover.h"
#include "executor/site/endpoint_proof.h"
#include "executor/site/evictions.h"
#include "executor/steps/kinds.h"
#include "schemas/base/clock.h"
#include "schemas/base/memory.h"
#include "schemas/base/text.h"

#define NODES_NAMED 4

void executor_outcome_clear(struct executor_outcome *outcome) {
    if (!outcome)
        return;
    error_clear(&outcome->error);
    free(outcome->step_id);
    free(outcome->step_key);
    free(outcome->audit);
    free(outcome->audit_why);
    strings_clear(&outcome->fence_now);
    strings_clear(&outcome->evicted);
    free(outcome->target_address);
    free(outcome->endpoint);
    free(outcome->ready);
    strings_clear(&outcome->fence_lifts);
    strings_clear(&outcome->left_over);
    strings_clear(&outcome->open_nodes);
    json_free(outcome->kept_fence);
    *outcome = (struct executor_outcome){ 0 };
}

/* Of an abort: the fence that the plan saw is still there. */
static bool waits_for_lift(const struct site *site) {
    for (size_t i = 0; i < site->plan->core.steps.count; i++) {
        const struct plan_step *step = &site->plan->core.steps.items[i];
        if (step->kind == STEP_LIFT_FENCE && step->effects.count)
            return journal_progress_of(journal_state(site->journal), step->key) != PROGRESS_DONE;
    }
    return false;
}

/* Nodes by the value that the fence's setting had there. */
struct lifts {
    struct {
        const char *value;
        struct text nodes;
        size_t count;
    } * items;
    size_t count;
};

static void add_lift(void *context, const char *name, const struct json *before) {
    struct lifts *lifts = context;
    const char *what = strrchr(name, ' '), *value = json_string_of(before);
    size_t at = 0;
    if (!what || strcmp(what, " write") != 0 || !value)
        return;
    while (at < lifts->count && strcmp(lifts->items[at].value, value) != 0)
        at++;
    if (at == lifts->count)
        LIST_ADD(lifts)->value = value;
    if (lifts->items[at].count++ < NODES_NAMED)
        text_addf(&lifts->items[at].nodes, "%s%.*s", lifts->items[at].nodes.length ? ", " : "",
                  (int)(what - name), name);
}

static void describe_lifts(const struct journal_state *state, struct strings *out) {
    const struct json *intent = state->marks[JOURNAL_MARK_INTENT].first;
    const struct json *before = intent ? json_find(intent, "before") : NULL;
    struct lifts lifts = { 0 };
    if (before)
        json_each(before, add_lift, &lifts);
    for (size_t i = 0; i < lifts.count; i++) {
        if (lifts.items[i].count > NODES_NAMED)
            text_addf(&lifts.items[i].nodes, " and %zu more", lifts.items[i].count - NODES_NAMED);
        strings_addf(out, "CONFIG SET min-replicas-to-write %s, on %s", lifts.items[i].value,
                     lifts.count > 1 ? text_string(&lifts.items[i].nodes) : "each source node");
        text_clear(&lifts.items[i].nodes);
    }
    free(lifts.items);
}

static const struct journal_step *kept_fence(const struct journal_state *state) {
    const struct journal_step *kept = journal_step_find(state, step_key_keep_fence);
    return kept ? kept : journal_step_find(state, step_key_keep_fence_in_memory);
}

static const char *verdict_of(const struct journal_step *step) {
    return step && step->outcome ? json_find_string(step->outcome, "verdict") : NULL;
}

/* The step whose verdict counts: what had escaped by the audit stays so, else the last look. */
static const struct journal_step *judging_step(const struct journal_state *state) {
    const struct journal_step *audited = journal_step_find(state, step_key_audit);
    const struct journal_step *kept = kept_fence(state);
    const char *first = verdict_of(audited);
    bool escaped = first && strcmp(first, audit_verdict_name(AUDIT_ESCAPED)) == 0;
    return verdict_of(kept) && !escaped ? kept : audited;
}

void outcome_describe_aftermath(const struct site *site, struct executor_outcome *outcome) {
    const struct journal_step *kept = kept_fence(journal_state(site->journal));
    if (kept && kept->outcome)
        outcome->kept_fence = json_share(kept->outcome);
    aftermath_open_nodes(&site->config->source, site->source_tls, site->plan, &outcome->open_nodes);
}

/* The endpoint that was proven last, which is what the applications were given. */
static void describe_handover(const struct site *site, const struct journal_state *state,
                              struct executor_outcome *outcome) {
    AUTO(text_clear) struct text endpoint = TEXT_PAGE, ready = TEXT_PAGE;
    const char *proven =
        outcome->switched ? json_find_string(endpoint_recorded(state), "address") : NULL;
    outcome->target_address = xstrdup(proven ? proven : site->target_address);
    handover_add_endpoint(state, &endpoint);
    handover_add_ready(state, &ready);
    outcome->endpoint = endpoint.length ? xstrdup(text_string(&endpoint)) : NULL;
    outcome->ready = ready.length ? xstrdup(text_string(&ready)) : NULL;
}

/* What the journal says of the cutover, also of an earlier process's part in it. */
void outcome_describe(const struct site *site, struct executor_outcome *outcome) {
    const struct journal_state *state = journal_state(site->journal);
    const struct journal_step *switched = journal_step_find(state, step_key_switch);
    outcome->waited_ms = outcome->refused_ms = -1;
    outcome->switched = state->marks[JOURNAL_MARK_SWITCH_STARTED].count > 0;
    outcome->writers_refused = !outcome->switched && state->cutover != JOURNAL_MARK_COUNT &&
                               state->cutover != JOURNAL_MARK_INTENT;
    outcome->writers_refused |= waits_for_lift(site);
    const struct journal_step *removed = journal_step_find(state, step_key_remove_group);
    outcome->group_removed =
        removed && removed->outcome && json_find_bool(removed->outcome, "removed", false);
    if (switched && switched->state == PROGRESS_DONE) {
        outcome->waited_ms = json_find_int(switched->outcome, "waited_ms", -1);
        outcome->refused_ms = json_find_int(switched->outcome, "refused_ms", -1);
    }
    const struct journal_step *judged = judging_step(state);
    if (judged && judged->outcome) {
        outcome->audit = xstrdup(json_find_string(judged->outcome, "verdict"));
        outcome->audit_why = xstrdup(json_find_string(judged->outcome, "why"));
    }
    describe_handover(site, state, outcome);
    describe_lifts(state, &outcome->fence_lifts);
    evictions_of_run(site, &outcome->evicted);
}

void outcome_read_fence(struct site *site, struct executor_outcome *outcome) {
    if (!outcome->switched || site->config->cutover.writes == WRITES_NONE)
        return;
    AUTO(string_free) char *fence = fence_value(journal_run(site->journal));
    AUTO(many_clear) struct many nodes = { 0 };
    AUTO(fence_list_clear) struct fence_list now = { 0 };
    AUTO(error_clear) struct error unread = { 0 };
    char when[CLOCK_TEXT_BYTES];
    if (!site_source(site, SITE_NODES, &unread))
        error_clear(&unread);
    site_list(site, SITE_NODES, &nodes);
    if (!fence_see(&nodes, &now, &unread) && !unread.message)
        error_set(&unread, ERROR_FAILED, "no answer");
    clock_format_seconds(clock_wall_ms(), when);
    outcome->fence_stands = now.count > 0;
    for (size_t i = 0; i < now.count; i++) {
        const struct fence_values *values = &now.items[i];
        const char *address = site->nodes.items[i].address;
        bool stands = fence_stands(values, fence);
        outcome->fence_stands &= stands;
        if (!values->write)
            strings_addf(&outcome->fence_now, "%s could not be read at %s: %s", address, when,
                         unread.message);
        else if (stands)
            strings_addf(&outcome->fence_now,
                         "%s refuses writes (min-replicas-to-write %s), read "
                         "at %s",
                         address, fence, when);
        else
            strings_addf(&outcome->fence_now,
                         "%s ACCEPTS WRITES: min-replicas-to-write is %s, not %s, read at %s",
                         address, values->write, fence, when);
    }
    if (!now.count)
        strings_addf(&outcome->fence_now, "the source could not be read at %s", when);
}

bool outcome_is_proven(const struct site *site, const struct executor_outcome *outcome,
                       struct error *err) {
    const char *file = site->config_file ? site->config_file : "FILE";
    if (!outcome->audit || strcmp(outcome->audit, "clean") == 0)
        return true;
    if (strcmp(outcome->audit, "escaped") == 0) {
        error_set(err, ERROR_STEP_FAILED, "writes escaped to the source after the fence");
        return error_hint(err,
                          "they are on the source only: compare those keys before you use them");
    }
    error_set(err, ERROR_UNPROVEN,
              "the applications were moved, but it is not confirmed that no write escaped: %s",
              outcome->audit_why ? outcome->audit_why : "the audit could not read the log");
    return error_hint(err,
                      "the source may have writes that the target does not: keep the source, and "
                      "compare it with the target: ecmig verify %s",
                      file);
}

/* The service continues with what it was asked, whether somebody waits for it or not. */
static void describe_begun(const struct step_left *left, struct strings *out) {
    strings_addf(out, "group %s may be changing yet: %s (%s) was begun",
                 left->site->config->target.replication_group, left->step->id, left->step->key);
}

void outcome_describe_left_over(const struct site *site, struct executor_outcome *outcome) {
    const struct journal_state *state = journal_state(site->journal);
    for (size_t i = 0; i < site->plan->core.steps.count; i++) {
        const struct plan_step *step = &site->plan->core.steps.items[i];
        const struct step_runner *runner = step_runner_of(step->kind);
        const struct step_left left = { site, step, journal_progress_of(state, step->key),
                                        outcome->switched };
        if (runner->left_over)
            runner->left_over(&left, &outcome->left_over);
        else if (runner->changes_group && left.progress == PROGRESS_STARTED)
            describe_begun(&left, &outcome->left_over);
    }
}
