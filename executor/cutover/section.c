/* The frame of the critical section: its intent, the way back, and what a later process makes of
 * one that is open. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "executor/cutover/cutover.h"
#include "executor/cutover/fence.h"
#include "executor/moment.h"
#include "schemas/base/clock.h"
#include "schemas/base/memory.h"
#include "schemas/observed/observed.h"

static struct cutover *fresh(struct site *site) {
    struct cutover *cutover = xcalloc(1, sizeof *cutover);
    cutover->fence = fence_value(journal_run(site->journal));
    cutover->waited_ms = -1;
    cutover->pause_deadline_mono_ms = clock_mono_ms() + site->config->cutover.max_write_pause_ms;
    return cutover;
}

/* "Before" is taken once, from the run's first intent: a fence of ours is never a "before". */
static bool read_before(struct site *site, struct cutover *cutover, struct error *err) {
    if (!cutover_fences(site))
        return true;
    const struct journal_mark *mark = &journal_state(site->journal)->marks[JOURNAL_MARK_INTENT];
    const struct json *known = mark->first ? json_find(mark->first, "before") : NULL;
    AUTO(many_clear) struct many nodes = { 0 };
    AUTO(fence_list_clear) struct fence_list list = { 0 };
    site_list(site, SITE_NODES, &nodes);
    if (!fence_read(&nodes, &list, err))
        return false;
    for (size_t i = 0; i < site->nodes.count; i++) {
        const char *address = site->nodes.items[i].address;
        const struct fence_values *now = &list.items[i];
        AUTO(string_free) char *write = xasprintf("%s write", address);
        AUTO(string_free) char *lag = xasprintf("%s lag", address);
        if (fence_is_any(now->write) && strcmp(now->write, cutover->fence) != 0)
            return error_set(err, ERROR_BLOCKED, "'%s' carries the fence of another run (%s)",
                             address, now->write);
        const char *write_before = known ? json_find_string(known, write) : NULL;
        const char *lag_before = known ? json_find_string(known, lag) : NULL;
        pairs_set(&cutover->before, write,
                  write_before               ? write_before
                  : fence_is_any(now->write) ? "0"
                                             : now->write);
        pairs_set(&cutover->before, lag, lag_before ? lag_before : now->lag);
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
    if (!site_source(site, SITE_NODES, err) || !cutover_know_shards(site, cutover, err) ||
        !read_before(site, cutover, err))
        return false;
    AUTO(json_free) struct json *data = json_new_object();
    json_put_string(data, "state", "intent");
    json_put_string(data, "fence", cutover->fence);
    json_put(data, "before", pairs_json(&cutover->before));
    gitstore_hurry(site->store, true);
    if (!journal_record(site->journal, "cutover begins",
                        &(struct journal_fact){ .type = JOURNAL_CUTOVER, .data = data }, err))
        return false;
    cutover->pause_deadline_mono_ms = clock_mono_ms() + site->config->cutover.max_write_pause_ms;
    cutover_free(site->cutover);
    site->cutover = TAKE(cutover);
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
            !journal_add(site->journal,
                         &(struct journal_fact){
                             .type = JOURNAL_STEP_FINISHED, .step = step->key, .data = undone },
                         err))
            return false;
    }
    return true;
}

bool cutover_lift(struct site *site, const char *why, struct error *err) {
    /* One that cannot confirm that it holds the lock changes nothing. */
    if (!journal_insist_lock(site->journal, err) || !site_source(site, SITE_NODES, err) ||
        !cutover_lift_fences(site, err) || !cutover_release(site, err) ||
        !take_back_steps(site, err))
        return false;
    AUTO(json_free) struct json *data = json_new_object();
    json_put_string(data, "state", "lifted");
    json_put_string(data, "why", why);
    cutover_put_hooks(site->cutover, data);
    events_emit(site->events,
                &(struct event_fact){
                    .kind = EVENT_WRITES, .level = SEVERITY_WARNING, .state = "released" },
                "the writers have the source back: %s", why);
    gitstore_hurry(site->store, false);
    return journal_record_outcome(site->journal, "cutover undone; writers have the source back",
                                  &(struct journal_fact){ .type = JOURNAL_CUTOVER, .data = data },
                                  err);
}

static void recall_shard(struct cutover *cutover, const struct json *sent) {
    struct cutover_shard *shard = cutover_add_shard(cutover, json_find_string(sent, "shard"));
    AUTO(error_clear) struct error ignored = { 0 };
    shard->at.replid = xstrdup(json_find_string(sent, "replid"));
    shard->at.offset = json_find_int(sent, "offset", 0);
    shard->audit_from = shard->at.offset + 1;
    if (!shape_read(&audit_counters_shape, json_find(sent, "counters"), &shard->at_final, &ignored))
        error_clear(&ignored); /* then the audit has nothing to compare with, and says so */
}

/* Of a fence that an earlier process set again. */
static void recall_reset(struct cutover *cutover, const struct json *missing) {
    const char *name = json_find_string(missing, "shard");
    AUTO(error_clear) struct error ignored = { 0 };
    for (size_t i = 0; name && i < cutover->shards.count; i++) {
        struct cutover_shard *shard = &cutover->shards.items[i];
        AUTO(audit_counters_clear) struct audit_counters read = { 0 };
        if (strcmp(shard->name, name) != 0)
            continue;
        if (!shape_read(&audit_counters_shape, json_find(missing, "counters"), &read, &ignored))
            return;
        audit_counters_clear(&shard->at_reset);
        shard->at_reset = MOVE(read);
        shard->reset_offset = json_find_int(missing, "reset_offset", 0);
    }
}

/* What an earlier process of this run knew when it sent CompleteMigration, and when it confirmed.
 */
static void recall(struct site *site, struct cutover *cutover) {
    const struct journal_state *state = journal_state(site->journal);
    const struct json *sent = state->marks[JOURNAL_MARK_SENDING].last;
    const struct json *confirmed = state->marks[JOURNAL_MARK_CONFIRMED].last;
    const struct json *shards = sent ? json_find(sent, "shards") : NULL;
    for (size_t i = 0; i < json_count(shards); i++)
        recall_shard(cutover, json_at(shards, i));
    for (size_t i = 0; i < state->fence_resets.count; i++)
        recall_reset(cutover, state->fence_resets.items[i]);
    if (sent) {
        cutover->event_mark_ms = json_find_int(sent, "event_mark_ms", 0);
        cutover->waited_ms = json_find_int(sent, "waited_ms", -1);
        cutover->refused_at_ms = json_find_int(sent, "refused_at_ms", 0);
        cutover->sent = true;
        cutover->fenced = true;
    }
    const struct json *proven = confirmed ? json_find(confirmed, "shards") : NULL;
    for (size_t i = 0; i < json_count(proven) && i < cutover->shards.count; i++) {
        struct cutover_shard *shard = &cutover->shards.items[i];
        shard->audit_from = json_find_int(json_at(proven, i), "audit_from", shard->audit_from);
    }
}

static bool look_at_source(struct site *site, struct error *err) {
    return site_source(site, SITE_NODES, err) && cutover_know_shards(site, site->cutover, err) &&
           read_before(site, site->cutover, err);
}

/* Once the target is the primary, a source that is gone must not keep the applications from it. */
static bool refence(struct site *site, enum journal_mark_id mark, struct error *err) {
    bool promoted = mark == JOURNAL_MARK_CONFIRMED || mark == JOURNAL_MARK_SWITCH_STARTED;
    if (look_at_source(site, err) && cutover_watch_at_once(site, err) &&
        cutover_fence_all(site, err))
        return true;
    if (!promoted || err->code == ERROR_LOCK_LOST)
        return false;
    events_warn(site->events, NULL, "the fence could not be checked: %s", err->message);
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
    /* Nothing but its undo ends what a hook began. */
    site->cutover->held = site->config->cutover.writes == WRITES_HOOK;
    /* Sent: in any state of the fences, they must stand before anything is looked at. */
    if (!*lifted)
        return refence(site, mark, err);
    return look_at_source(site, err) &&
           cutover_lift(site, "the run was interrupted before CompleteMigration was sent", err);
}
