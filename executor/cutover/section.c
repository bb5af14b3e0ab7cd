/* The frame of the critical section: its intent, its waits, and the way back. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "executor/cutover/cutover.h"
#include "executor/cutover/fence.h"
#include "executor/moment.h"
#include "schemas/base/clock.h"
#include "schemas/base/memory.h"
#include "schemas/observed/observed.h"

void cutover_free(struct cutover *cutover) {
    if (!cutover)
        return;
    free(cutover->fence);
    pairs_clear(&cutover->before);
    free(cutover->held_at.replid);
    free(cutover->final.replid);
    audit_counters_clear(&cutover->at_final);
    free(cutover);
}

static struct cutover *fresh(struct site *site) {
    struct cutover *cutover = xcalloc(1, sizeof *cutover);
    cutover->fence = fence_value(journal_run(site->journal));
    cutover->waited_ms = -1;
    cutover->pause_deadline_mono_ms = clock_mono_ms() + site->config->cutover.max_write_pause_ms;
    return cutover;
}

/* "Before" is taken once, from the run's first intent: a fence of ours is never a "before". */
static bool read_before(struct site *site, struct cutover *cutover, struct error *err) {
    const struct journal_mark *mark = &journal_state(site->journal)->marks[JOURNAL_MARK_INTENT];
    const struct json *known = mark->first ? json_find(mark->first, "before") : NULL;
    for (size_t i = 0; i < site->nodes.count; i++) {
        const struct site_node *node = &site->nodes.items[i];
        AUTO(string_free) char *write = xasprintf("%s write", node->address);
        AUTO(string_free) char *lag = xasprintf("%s lag", node->address);
        AUTO(fence_values_clear) struct fence_values now = { 0 };
        if (!fence_read(node->connection, &now, err))
            return false;
        if (fence_is_any(now.write) && strcmp(now.write, cutover->fence) != 0)
            return error_set(err, ERROR_BLOCKED, "'%s' carries the fence of another run (%s)",
                             node->address, now.write);
        const char *write_before = known ? json_find_string(known, write) : NULL;
        const char *lag_before = known ? json_find_string(known, lag) : NULL;
        pairs_set(&cutover->before, write,
                  write_before              ? write_before
                  : fence_is_any(now.write) ? "0"
                                            : now.write);
        pairs_set(&cutover->before, lag, lag_before ? lag_before : now.lag);
    }
    return true;
}

static struct json *pairs_json(const struct pairs *pairs) {
    struct json *object = json_new_object();
    for (size_t i = 0; i < pairs->count; i++)
        json_put_string(object, pairs->items[i].name, pairs->items[i].value);
    return object;
}

bool cutover_begin(struct site *site, struct error *err) {
    AUTO(cutover_free) struct cutover *cutover = fresh(site);
    moment("before the cutover");
    if (!site_all_nodes(site, err) || !read_before(site, cutover, err))
        return false;
    AUTO(json_free) struct json *data = json_new_object();
    json_put_string(data, "state", "intent");
    json_put_string(data, "fence", cutover->fence);
    json_put(data, "before", pairs_json(&cutover->before));
    gitstore_hurry(site->store, true);
    if (!journal_record(site->journal, "cutover begins", JOURNAL_CUTOVER, NULL, 0, data, err))
        return false;
    cutover->pause_deadline_mono_ms = clock_mono_ms() + site->config->cutover.max_write_pause_ms;
    cutover_free(site->cutover);
    site->cutover = TAKE(cutover);
    return true;
}

bool cutover_wait(struct site *site, int64_t milliseconds, int64_t deadline_mono_ms,
                  struct error *err) {
    struct cutover *cutover = site->cutover;
    if (stop_insisted(site->stop)) {
        if (cutover->held && !cutover->fenced && !cutover_release(site, err))
            return false;
        return error_set(err, ERROR_ABORTED, "interrupted a second time inside the cutover") ||
               error_hint(err, "the same apply command settles it: run it as soon as you can");
    }
    if (clock_mono_ms() >= deadline_mono_ms)
        return error_set(err, ERROR_DEADLINE, "the time allowed in the cutover is over");
    clock_sleep_ms(milliseconds);
    bool renew = cutover->held && clock_mono_ms() - cutover->renewed_mono_ms >= 3000;
    return !renew || cutover_hold(site, err);
}

static bool lift_fences(struct site *site, struct error *err) {
    struct cutover *cutover = site->cutover;
    for (size_t i = 0; i < site->nodes.count; i++) {
        const struct site_node *node = &site->nodes.items[i];
        AUTO(string_free) char *write = xasprintf("%s write", node->address);
        AUTO(string_free) char *lag = xasprintf("%s lag", node->address);
        const char *write_before = pairs_find(&cutover->before, write);
        const char *lag_before = pairs_find(&cutover->before, lag);
        if (write_before && lag_before &&
            !fence_lift(node->connection, cutover->fence, write_before, lag_before, err))
            return error_wrap(err, "lifting the fence on '%s'", node->address);
    }
    cutover->fenced = false;
    cutover->refused_at_ms = 0;
    return true;
}

/* The gate and the rows that were taken come again, so their outcomes are taken back. */
static bool take_back_steps(struct site *site, struct error *err) {
    AUTO(json_free) struct json *undone = json_new_object();
    json_put_string(undone, "state", "undone");
    for (size_t i = 0; i < site->plan->core.steps.count; i++) {
        const struct plan_step *step = &site->plan->core.steps.items[i];
        bool concerned =
            step->kind == STEP_GATE || step_kind_section(step->kind) == SECTION_CUTOVER;
        enum journal_progress progress =
            journal_progress_of(journal_state(site->journal), step->key);
        if (concerned && (progress == PROGRESS_DONE || progress == PROGRESS_STARTED) &&
            !journal_add(site->journal, JOURNAL_STEP_FINISHED, step->key, 0, undone, err))
            return false;
    }
    return true;
}

bool cutover_lift(struct site *site, const char *why, struct error *err) {
    /* One that cannot confirm that it holds the lock changes nothing. */
    if (!journal_insist_lock(site->journal, err) || !site_all_nodes(site, err) ||
        !lift_fences(site, err) || !cutover_release(site, err) || !take_back_steps(site, err))
        return false;
    AUTO(json_free) struct json *data = json_new_object();
    json_put_string(data, "state", "lifted");
    json_put_string(data, "why", why);
    events_emit(site->events, EVENT_WRITES, SEVERITY_WARNING, NULL, "released", NULL,
                "the writers have the source back: %s", why);
    gitstore_hurry(site->store, false);
    return journal_record_outcome(site->journal, "cutover undone, writers have the source back",
                                  JOURNAL_CUTOVER, NULL, 0, data, err);
}

/* What an earlier process of this run knew when it sent CompleteMigration, and when it confirmed.
 */
static void recall(struct site *site, struct cutover *cutover) {
    const struct journal_state *state = journal_state(site->journal);
    const struct json *sent = state->marks[JOURNAL_MARK_SENDING].last;
    const struct json *confirmed = state->marks[JOURNAL_MARK_CONFIRMED].last;
    AUTO(error_clear) struct error ignored = { 0 };
    if (sent) {
        string_replace(&cutover->final.replid, json_find_string(sent, "replid"));
        cutover->final.offset = json_find_int(sent, "offset", 0);
        cutover->event_mark_ms = json_find_int(sent, "event_mark_ms", 0);
        cutover->waited_ms = json_find_int(sent, "waited_ms", -1);
        cutover->refused_at_ms = json_find_int(sent, "refused_at_ms", 0);
        audit_counters_clear(&cutover->at_final);
        if (!shape_read(&audit_counters_shape, json_find(sent, "counters"), &cutover->at_final,
                        &ignored))
            error_clear(&ignored); /* then the audit has nothing to compare with, and says so */
        cutover->sent = true;
        cutover->fenced = true;
        cutover->audit_from = cutover->final.offset + 1;
    }
    if (confirmed)
        cutover->audit_from = json_find_int(confirmed, "audit_from", cutover->audit_from);
}

/* Once the target is the primary, a source that is gone must not keep the applications from it. */
static bool refence(struct site *site, enum journal_mark_id mark, struct error *err) {
    bool promoted = mark == JOURNAL_MARK_CONFIRMED || mark == JOURNAL_MARK_SWITCH_STARTED;
    if (site_all_nodes(site, err) && read_before(site, site->cutover, err) &&
        cutover_fence_all(site, err))
        return true;
    if (!promoted || err->code == ERROR_FENCED)
        return false;
    events_emit(site->events, EVENT_DIAGNOSTIC, SEVERITY_WARNING, NULL, NULL, NULL,
                "the fence could not be looked at: %s", err->message);
    error_clear(err);
    return true;
}

bool cutover_settle(struct site *site, bool *lifted, struct error *err) {
    enum journal_mark_id mark = journal_state(site->journal)->cutover;
    *lifted = mark == JOURNAL_MARK_INTENT;
    if (mark == JOURNAL_MARK_COUNT)
        return true;
    cutover_free(site->cutover);
    site->cutover = fresh(site);
    site->cutover->section_deadline_mono_ms = clock_mono_ms() + SECTION_MS;
    recall(site, site->cutover);
    /* Sent: whatever the fences look like now, they must stand before anything is looked at. */
    if (!*lifted)
        return refence(site, mark, err);
    return site_all_nodes(site, err) && read_before(site, site->cutover, err) &&
           cutover_lift(site, "the run was interrupted before CompleteMigration was sent", err);
}
