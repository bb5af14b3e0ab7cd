#include "executor/record/history.h"

#include <string.h>

#include "schemas/base/memory.h"
#include "schemas/observed/fence.h"
#include "schemas/plan/plan.h"

/* Runs that were given up, for a continuation or an abort, never ended: what they did is ours to
 * undo, unless a later run has done so. */
struct reading {
    struct strings restored;                               /* "HOST:PORT NAME" */
    bool settings_stay, markers_known;                     /* a later run's drill says so */
    bool was_forced, was_lifted, was_removed, was_started; /* by an abort that has not ended yet */
    struct observed_history *out;
};

/* The plan knows the nodes, also of a step that was done by hand. */
static bool note_restored(struct gitstore *store, const char *migration,
                          const struct journal_state *state, const char *digest,
                          struct reading *reading, struct error *err) {
    AUTO(text_clear) struct text bytes = { 0 };
    AUTO(plan_clear) struct plan plan = { 0 };
    if (!journal_read_plan(store, migration, digest, &bytes, err) ||
        !plan_parse(text_string(&bytes), bytes.length, &plan, err))
        return false;
    for (size_t s = 0; s < plan.core.steps.count; s++) {
        const struct plan_step *step = &plan.core.steps.items[s];
        if (step->kind != STEP_RESTORE_SETTING ||
            journal_progress_of(state, step->key) != PROGRESS_DONE)
            continue;
        for (size_t e = 0; e < step->effects.count; e++) {
            const char *node = plan_effect_node(&plan.core, &step->effects.items[e]);
            if (node)
                strings_addf(&reading->restored, "%s %s", node, plan_step_setting(step));
        }
    }
    return true;
}

static bool restores_any(const struct journal_state *state) {
    for (size_t i = 0; i < state->steps.count; i++)
        if (state->steps.items[i].state == PROGRESS_DONE &&
            step_key_begins(state->steps.items[i].key, step_key_restore_setting))
            return true;
    return false;
}

static void note_undone(const struct journal_state *state, struct reading *reading) {
    reading->was_forced |= journal_progress_of(state, step_key_force_complete) == PROGRESS_DONE;
    reading->was_removed |= journal_progress_of(state, step_key_remove_group) == PROGRESS_DONE;
    reading->was_lifted |= journal_progress_of(state, step_key_lift_fence) == PROGRESS_DONE;
    reading->was_started |= journal_progress_of(state, step_key_start_writers) == PROGRESS_DONE;
}

static void add_before(void *context, const char *name, const struct json *value) {
    pairs_set(context, name, json_string_of(value));
}

/* TLS goes by way of preferred: what it was before the first of the two steps counts. Of several
 * runs the oldest counts, which is read last. */
static void note_taken(const struct journal_state *state, const struct journal_step *step,
                       struct reading *reading) {
    static const char *const keys[] = { step_key_set_durability, step_key_authenticate_target,
                                        step_key_authenticate_target_nobody,
                                        step_key_encrypt_target, step_key_encrypt_target_off };
    const struct json *before = step->intent ? json_find(step->intent, "before") : NULL;
    bool takes = false;
    for (size_t i = 0; i < COUNT(keys); i++)
        takes |= strcmp(step->key, keys[i]) == 0;
    if (!takes || !before || step->state == PROGRESS_UNDONE)
        return;
    if ((strcmp(step->key, step_key_encrypt_target_off) == 0 &&
         journal_step_find(state, step_key_encrypt_target)) ||
        (strcmp(step->key, step_key_authenticate_target_nobody) == 0 &&
         journal_step_find(state, step_key_authenticate_target)))
        return;
    json_each(before, add_before, &reading->out->target_before);
}

struct raised {
    struct reading *reading;
    const char *setting;
};

/* The oldest value from before is the one: it overwrites what a later run found. */
static void add_raised(void *context, const char *node, const struct json *value) {
    const struct raised *raised = context;
    const char *before = json_string_of(value);
    AUTO(string_free) char *name = xasprintf("%s %s", node, raised->setting);
    if (before && !strings_has(&raised->reading->restored, name))
        pairs_set(&raised->reading->out->settings_before, name, before);
}

static void note_raised(const struct journal_step *step, struct reading *reading) {
    const struct json *before = step->intent ? json_find(step->intent, "before") : NULL;
    struct raised raised = { reading, json_find_string(step->intent, "setting") };
    if (step_key_begins(step->key, step_key_source_setting) && raised.setting && before &&
        step->state != PROGRESS_UNDONE)
        json_each(before, add_raised, &raised);
}

/* A run inside its cutover is left for an abort only. */
static void note_cutover(const struct journal_state *state, const char *run,
                         struct reading *reading) {
    struct observed_history *out = reading->out;
    const struct json *intent = state->marks[JOURNAL_MARK_INTENT].first;
    const struct json *before = intent ? json_find(intent, "before") : NULL;
    bool in_cutover = state->cutover != JOURNAL_MARK_COUNT;
    out->writers_held |= (in_cutover || state->drilling) && !reading->was_started;
    if (!in_cutover)
        return;
    if (!reading->was_forced)
        string_replace(&out->cutover, journal_mark_name(state->cutover));
    if (reading->was_lifted || !json_count(before))
        return;
    AUTO(string_free) char *fence = fence_value(run);
    string_replace(&out->fence, fence);
    json_each(before, add_before, &out->fence_before);
}

static void note_others(const struct journal_state *state, struct reading *reading) {
    struct strings *known = &reading->out->set_by_others;
    for (size_t i = 0; !reading->settings_stay && i < state->set_by_others.count; i++)
        if (!strings_has(known, state->set_by_others.items[i]))
            strings_add(known, state->set_by_others.items[i]);
    reading->settings_stay |= state->settings_stay;
}

static void add_marker(void *context, const char *node, const struct json *marker) {
    const char *setting = json_find_string(marker, "setting"),
               *before = json_find_string(marker, "before");
    AUTO(string_free) char *name = setting && before ? xasprintf("%s %s", node, setting) : NULL;
    if (name)
        pairs_set(context, name, before);
}

void history_read_markers(const struct json *markers, struct pairs *out) {
    if (markers)
        json_each(markers, add_marker, out);
}

/* The marker of the newest run that has one. */
static void note_markers(const struct journal_state *state, struct reading *reading) {
    if (!reading->markers_known)
        history_read_markers(state->markers, &reading->out->markers);
    reading->markers_known |= state->markers || state->marker_ended;
}

static void read_run(const struct journal_state *state, const char *run, bool last,
                     struct reading *reading) {
    struct observed_history *out = reading->out;
    note_undone(state, reading);
    for (size_t i = 0; i < state->steps.count; i++) {
        const struct journal_step *step = &state->steps.items[i];
        if (last && out->open && step->state == PROGRESS_DONE)
            strings_add(&out->steps_done, step->key);
        if (!out->started_from && !reading->was_forced &&
            strcmp(step->key, step_key_start_migration) == 0)
            string_replace(&out->started_from, json_find_string(step->intent, "endpoint"));
        if (strcmp(step->key, step_key_create_group) == 0 && !reading->was_removed)
            string_replace(&out->created_by, run);
        note_raised(step, reading);
        note_taken(state, step, reading);
    }
    strings_sort(&out->steps_done);
    note_others(state, reading);
    note_markers(state, reading);
    note_cutover(state, run, reading);
}

static bool is_mode(const struct run_summary *run, enum plan_mode mode) {
    return strcmp(run->mode, plan_mode_names[mode]) == 0;
}

static void describe_last(const struct run_summary *last, struct observed_history *out) {
    out->base = xstrdup(last->base);
    out->last_run = xstrdup(last->run);
    out->last_digest = xstrdup(last->plan);
    out->last_class = xstrdup(last->class);
    out->last_mode = xstrdup(last->mode);
    out->open = last->open;
    out->finished = !last->open && is_mode(last, PLAN_MIGRATE);
}

/* Nothing is left of what an abort that ended well gave up. */
static bool is_clean(const struct run_summary *run) {
    return is_mode(run, PLAN_ABORT) && !run->open && run->class && strcmp(run->class, "ok") == 0;
}

static bool read_runs(const struct journal_reading *record, const struct run_summaries *runs,
                      struct reading *reading, struct error *err) {
    struct gitstore *store = record->store;
    const char *migration = record->migration;
    for (size_t i = 0; i < runs->count; i++) {
        AUTO(journal_run_files_clear) struct journal_run_files files = { 0 };
        const struct run_summary *run = &runs->items[i];
        if (i > 0 && !run->given_up_by)
            return true;
        if (!journal_trust(record, run->run, err))
            return false;
        if (is_clean(run))
            return true;
        if (!journal_read_run(store, migration, run->run, &files, err))
            return false;
        const char *plan = files.state.plan ? files.state.plan : files.record.plan;
        if (restores_any(&files.state) &&
            !note_restored(store, migration, &files.state, plan, reading, err))
            return error_wrap(err, "run '%s'", run->run);
        read_run(&files.state, run->run, i == 0, reading);
    }
    return true;
}

/* From 5.0 on the setting has two names, and a plan knows both. */
void history_hide_markers(const struct observed_history *history, struct observed_node *node) {
    static const char *const names[] = { "min-replicas-max-lag", "min-slaves-max-lag" };
    size_t length = strlen(node->address);
    for (size_t i = 0; i < history->markers.count; i++) {
        const struct pair *marker = &history->markers.items[i];
        AUTO(string_free) char *set = marker_value(marker->value);
        if (strncmp(marker->name, node->address, length) != 0 || marker->name[length] != ' ')
            continue;
        for (size_t n = 0; n < COUNT(names); n++)
            if (string_same(pairs_find(&node->settings, names[n]), set))
                pairs_set(&node->settings, names[n], marker->value);
    }
}

bool history_read(const struct journal_reading *record, struct observed_history *out,
                  struct error *err) {
    AUTO(run_summaries_clear) struct run_summaries runs = { 0 };
    struct reading reading = { .out = out };
    if (!journal_history(record->store, record->migration, &runs, err) ||
        (!runs.count && !journal_trust_empty(record, err)))
        return false;
    if (runs.count)
        describe_last(&runs.items[0], out);
    else
        out->base = xstrdup("none");
    bool fine = read_runs(record, &runs, &reading, err);
    strings_clear(&reading.restored);
    return fine;
}
