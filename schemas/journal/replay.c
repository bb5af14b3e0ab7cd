#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "schemas/base/clock.h"
#include "schemas/base/memory.h"
#include "schemas/base/number.h"
#include "schemas/journal/journal.h"

const char *journal_progress_name(enum journal_progress state) {
    static const char *const names[] = { "none", "started", "done", "failed", "undoing", "undone" };
    return names[state];
}

void journal_state_init(struct journal_state *state) {
    *state = (struct journal_state){ .cutover = JOURNAL_MARK_COUNT };
    memcpy(state->head, JOURNAL_NO_HASH, sizeof state->head);
    memcpy(state->base, JOURNAL_NO_HASH, sizeof state->base);
}

static void replace_json(struct json **slot, const struct json *value) {
    struct json *shared = value ? json_share(value) : NULL;
    json_free(*slot);
    *slot = shared;
}

static struct journal_step *step_at(struct journal_state *state, const char *key) {
    for (size_t i = 0; i < state->steps.count; i++) {
        if (strcmp(state->steps.items[i].key, key) == 0)
            return &state->steps.items[i];
    }
    struct journal_step *step = LIST_ADD(&state->steps);
    step->key = xstrdup(key);
    return step;
}

static struct journal_gate *gate_at(struct journal_state *state, const char *name) {
    for (size_t i = 0; i < state->gates.count; i++) {
        if (strcmp(state->gates.items[i].name, name) == 0)
            return &state->gates.items[i];
    }
    struct journal_gate *gate = LIST_ADD(&state->gates);
    gate->name = xstrdup(name);
    return gate;
}

static bool state_is(const struct journal_entry *entry, const char *word) {
    const char *state = json_find_string(entry->data, "state");
    return state && strcmp(state, word) == 0;
}

static bool unclear(const struct journal_entry *entry, struct error *err) {
    const char *state = json_find_string(entry->data, "state");
    return error_set(err, ERROR_FORMAT, "entry %" PRId64 " (%s): '%s' is not a valid state",
                     entry->seq, journal_type_name(entry->type), state ? state : "nothing");
}

static bool nameless(const struct journal_entry *entry, struct error *err) {
    return error_set(err, ERROR_FORMAT, "entry %" PRId64 " (%s) does not name its step or gate",
                     entry->seq, journal_type_name(entry->type));
}

static bool start_step(struct journal_state *state, const struct journal_entry *entry,
                       int64_t at_ms, struct error *err) {
    if (!entry->step || !*entry->step)
        return nameless(entry, err);
    struct journal_step *step = step_at(state, entry->step);
    step->started_at_ms = at_ms;
    if (state_is(entry, "undo")) {
        step->state = PROGRESS_UNDOING;
        return true;
    }
    step->state = PROGRESS_STARTED;
    if (step->attempts++ == 0)
        replace_json(&step->intent, entry->data);
    replace_json(&step->latest, entry->data);
    return true;
}

static bool finish_step(struct journal_state *state, const struct journal_entry *entry,
                        int64_t at_ms, struct error *err) {
    static const struct {
        const char *word;
        enum journal_progress progress;
    } outcomes[] = {
        { "done", PROGRESS_DONE },
        { "failed", PROGRESS_FAILED },
        { "undone", PROGRESS_UNDONE },
    };
    if (!entry->step || !*entry->step)
        return nameless(entry, err);
    for (size_t i = 0; i < COUNT(outcomes); i++) {
        if (!state_is(entry, outcomes[i].word))
            continue;
        struct journal_step *step = step_at(state, entry->step);
        step->state = outcomes[i].progress;
        step->ended_at_ms = at_ms;
        replace_json(&step->outcome, entry->data);
        return true;
    }
    return unclear(entry, err);
}

static bool pass_gate(struct journal_state *state, const struct journal_entry *entry, int64_t at_ms,
                      struct error *err) {
    const char *name = json_find_string(entry->data, "gate");
    if (!name)
        return nameless(entry, err);
    if (!state_is(entry, "passed") && !state_is(entry, "waiting"))
        return unclear(entry, err);
    struct journal_gate *gate = gate_at(state, name);
    gate->passed = state_is(entry, "passed");
    gate->at_ms = at_ms;
    replace_json(&gate->data, entry->data);
    return true;
}

static bool reach_mark(struct journal_state *state, const struct journal_entry *entry,
                       int64_t at_ms, struct error *err) {
    for (int i = 0; i < JOURNAL_MARK_COUNT; i++) {
        if (!state_is(entry, journal_mark_name((enum journal_mark_id)i)))
            continue;
        struct journal_mark *mark = &state->marks[i];
        if (mark->count++ == 0)
            replace_json(&mark->first, entry->data);
        replace_json(&mark->last, entry->data);
        mark->at_ms = at_ms;
        mark->seq = entry->seq;
        mark->epoch = entry->epoch;
        if (state->cutover != JOURNAL_MARK_SWITCH_STARTED)
            state->cutover =
                i == JOURNAL_MARK_LIFTED ? JOURNAL_MARK_COUNT : (enum journal_mark_id)i;
        return true;
    }
    return unclear(entry, err);
}

/* A run has one plan: another plan is another run. */
static bool is_other_plan(const struct journal_state *state, const struct journal_entry *entry) {
    const char *plan = json_find_string(entry->data, "plan");
    return plan && state->plan && strcmp(plan, state->plan) != 0;
}

static void start_run(struct journal_state *state, const struct journal_entry *entry,
                      int64_t at_ms) {
    const char *plan = json_find_string(entry->data, "plan");
    if (plan)
        string_replace(&state->plan, plan);
    if (state->last_seq == 0) {
        state->started_at_ms = at_ms;
        state->first_epoch = entry->epoch;
    }
    string_replace(&state->class, NULL);
    state->exit_code = 0;
}

static void end_process(struct journal_state *state, const struct journal_entry *entry) {
    string_replace(&state->class, json_find_string(entry->data, "class"));
    state->exit_code = json_find_int(entry->data, "exit_code", 0);
}

static void journal_setting_back_clear(struct journal_setting_back *back) {
    free(back->setting);
    free(back->node);
}

static void forget_settings(struct journal_state *state) {
    LIST_CLEAR(&state->settings_back, journal_setting_back_clear);
}

static void add_other(struct journal_state *state, const char *name) {
    if (!name)
        return;
    state->settings_stay = false;
    if (!strings_has(&state->set_by_others, name))
        strings_add(&state->set_by_others, name);
}

static void note_other(struct journal_state *state, const char *node, const char *setting) {
    AUTO(string_free) char *name = node && setting ? xasprintf("%s %s", node, setting) : NULL;
    add_other(state, name);
}

static void note_setting(struct journal_state *state, const struct journal_entry *entry,
                         int64_t at_ms) {
    const char *setting = json_find_string(entry->data, "setting");
    const char *node = json_find_string(entry->data, "node");
    note_other(state, node, setting);
    if (json_find_bool(entry->data, "refused", false))
        forget_settings(state);
    else if (setting && node && !journal_setting_back_at(state, setting, node))
        *LIST_ADD(&state->settings_back) = (struct journal_setting_back){
            .setting = xstrdup(setting), .node = xstrdup(node), .at_ms = at_ms
        };
}

static void note_ready(struct journal_state *state, const struct journal_entry *entry) {
    replace_json(&state->ready, entry->data);
    state->ready_seq = entry->seq;
    state->ready_epoch = entry->epoch;
}

int64_t journal_setting_back_at(const struct journal_state *state, const char *setting,
                                const char *node) {
    for (size_t i = 0; i < state->settings_back.count; i++) {
        const struct journal_setting_back *known = &state->settings_back.items[i];
        if (strcmp(known->setting, setting) == 0 && strcmp(known->node, node) == 0)
            return known->at_ms;
    }
    return 0;
}

/* The marker of a drill comes before the writers are held, and says nothing of them. */
static bool note_marker(struct journal_state *state, const struct journal_entry *entry) {
    bool stay = state_is(entry, "settings_stay"), back = state_is(entry, "settings_set_back");
    bool marks = state_is(entry, "marking");
    if (!marks && !stay && !back && !state_is(entry, "unmarked"))
        return false;
    const struct json *markers = marks ? json_find(entry->data, "markers") : NULL;
    const struct json *names = back ? json_find(entry->data, "set_back") : NULL;
    json_free(state->markers);
    state->markers = markers ? json_share(markers) : NULL;
    state->marker_ended = !marks;
    if (stay)
        strings_clear(&state->set_by_others);
    state->settings_stay |= stay;
    for (size_t i = 0; i < json_count(names); i++)
        add_other(state, json_string_of(json_at(names, i)));
    return true;
}

static bool apply_entry(struct journal_state *state, const struct journal_entry *entry,
                        int64_t at_ms, struct error *err) {
    switch (entry->type) {
    case JOURNAL_RUN_STARTED:
        if (is_other_plan(state, entry))
            return unclear(entry, err);
        start_run(state, entry, at_ms);
        return true;
    case JOURNAL_STEP_STARTED:
        return start_step(state, entry, at_ms, err);
    case JOURNAL_STEP_FINISHED:
        return finish_step(state, entry, at_ms, err);
    case JOURNAL_GATE:
        return pass_gate(state, entry, at_ms, err);
    case JOURNAL_CUTOVER:
        return reach_mark(state, entry, at_ms, err);
    case JOURNAL_CHECKPOINT:
        if (state_is(entry, "stopped"))
            end_process(state, entry);
        if (state_is(entry, "fence_missing")) {
            *LIST_ADD(&state->fence_missing) = entry->data ? json_share(entry->data) : NULL;
            note_other(state, json_find_string(entry->data, "node"), "min-replicas-to-write");
            state->fence_missing_count++;
            state->fence_missing_ms =
                number_sum(state->fence_missing_ms, json_find_int(entry->data, "missing_ms", 0));
        }
        if (state_is(entry, "fence_reset")) {
            *LIST_ADD(&state->fence_resets) = entry->data ? json_share(entry->data) : NULL;
            state->fence_missing_ms =
                number_sum(state->fence_missing_ms, json_find_int(entry->data, "missing_ms", 0));
        }
        if (state_is(entry, "setting_back"))
            note_setting(state, entry, at_ms);
        if (state_is(entry, "ready"))
            note_ready(state, entry);
        return true;
    case JOURNAL_DRILL:
        if (!note_marker(state, entry))
            state->drilling = state_is(entry, "started") || state_is(entry, "unreleased");
        return true;
    case JOURNAL_LOCK:
        return true;
    case JOURNAL_RUN_FINISHED:
        state->finished = true;
        end_process(state, entry);
        return true;
    }
    return true;
}

static bool changes_run(const struct journal_entry *entry) {
    switch (entry->type) {
    case JOURNAL_RUN_STARTED:
        return entry->seq == 1;
    case JOURNAL_CHECKPOINT:
    case JOURNAL_DRILL:
    case JOURNAL_LOCK:
        return false;
    case JOURNAL_STEP_STARTED:
    case JOURNAL_STEP_FINISHED:
    case JOURNAL_GATE:
    case JOURNAL_CUTOVER:
    case JOURNAL_RUN_FINISHED:
        return true;
    }
    return true;
}

bool journal_state_add(struct journal_state *state, const struct journal_entry *entry,
                       struct error *err) {
    int64_t at_ms = 0;
    if (entry->seq != state->last_seq + 1 || strcmp(entry->prev, state->head) != 0)
        return error_set(err, ERROR_FORMAT, "entry %" PRId64 " does not follow entry %" PRId64,
                         entry->seq, state->last_seq);
    if (entry->epoch < state->epoch || !clock_parse(entry->ts, &at_ms))
        return error_set(err, ERROR_FORMAT, "entry %" PRId64 ": impossible epoch or time",
                         entry->seq);
    if (state->finished)
        return error_set(err, ERROR_FORMAT, "entry %" PRId64 " comes after the end of the run",
                         entry->seq);
    if ((entry->seq == 1) && entry->type != JOURNAL_RUN_STARTED)
        return error_set(err, ERROR_FORMAT, "the first entry is a %s, not the start of a run",
                         journal_type_name(entry->type));
    if (!apply_entry(state, entry, at_ms, err))
        return false;
    state->last_seq = entry->seq;
    state->last_at_ms = at_ms;
    state->epoch = entry->epoch;
    memcpy(state->head, entry->hash, sizeof state->head);
    if (changes_run(entry))
        memcpy(state->base, entry->hash, sizeof state->base);
    return true;
}

bool journal_replay(const struct journal_entries *entries, struct journal_state *out,
                    struct error *err) {
    if (!journal_verify(entries, err))
        return false;
    for (size_t i = 0; i < entries->count; i++) {
        if (!journal_state_add(out, &entries->items[i], err))
            return false;
    }
    return true;
}

const struct journal_step *journal_step_find(const struct journal_state *state, const char *key) {
    for (size_t i = 0; i < state->steps.count; i++) {
        if (strcmp(state->steps.items[i].key, key) == 0)
            return &state->steps.items[i];
    }
    return NULL;
}

enum journal_progress journal_progress_of(const struct journal_state *state, const char *key) {
    const struct journal_step *step = journal_step_find(state, key);
    return step ? step->state : PROGRESS_NONE;
}

const struct journal_gate *journal_gate_find(const struct journal_state *state, const char *name) {
    for (size_t i = 0; i < state->gates.count; i++) {
        if (strcmp(state->gates.items[i].name, name) == 0)
            return &state->gates.items[i];
    }
    return NULL;
}

void journal_state_clear(struct journal_state *state) {
    for (size_t i = 0; i < state->steps.count; i++) {
        struct journal_step *step = &state->steps.items[i];
        free(step->key);
        json_free(step->intent);
        json_free(step->latest);
        json_free(step->outcome);
    }
    for (size_t i = 0; i < state->gates.count; i++) {
        free(state->gates.items[i].name);
        json_free(state->gates.items[i].data);
    }
    for (int i = 0; i < JOURNAL_MARK_COUNT; i++) {
        json_free(state->marks[i].first);
        json_free(state->marks[i].last);
    }
    LIST_CLEAR(&state->fence_missing, json_free_at);
    LIST_CLEAR(&state->fence_resets, json_free_at);
    forget_settings(state);
    strings_clear(&state->set_by_others);
    json_free(state->markers);
    json_free(state->ready);
    free(state->steps.items);
    free(state->gates.items);
    free(state->plan);
    free(state->class);
    journal_state_init(state);
}
