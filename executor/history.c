#include "executor/history.h"

#include <string.h>

#include "executor/cutover/fence.h"
#include "schemas/base/memory.h"

static const char setting_prefix[] = "prepare/setting/", restore_prefix[] = "finish/restore/";

/* Runs that were given up for a continuation are open still: what they raised is ours to restore,
 * unless a later run has done so. */
struct settings {
    struct strings restored; /* "HOST:PORT/NAME" */
    struct pairs *before;
};

static void note_restored(const struct journal_state *state, struct settings *settings) {
    for (size_t i = 0; i < state->steps.count; i++) {
        const struct journal_step *step = &state->steps.items[i];
        bool done = step->state == PROGRESS_DONE &&
                    strncmp(step->key, restore_prefix, sizeof restore_prefix - 1) == 0;
        if (done)
            strings_add(&settings->restored, step->key + sizeof restore_prefix - 1);
    }
}

/* The oldest value from before is the one: it overwrites what a later run found. */
static void note_raised(const struct journal_step *step, struct settings *settings) {
    const char *node = json_find_string(step->intent, "node");
    const char *setting = json_find_string(step->intent, "setting");
    const char *before = json_find_string(step->intent, "before");
    if (strncmp(step->key, setting_prefix, sizeof setting_prefix - 1) != 0 || !node || !setting ||
        !before || step->state == PROGRESS_UNDONE ||
        strings_has(&settings->restored, step->key + sizeof setting_prefix - 1))
        return;
    AUTO(string_free) char *name = xasprintf("%s %s", node, setting);
    pairs_set(settings->before, name, before);
}

static void read_run(const struct journal_state *state, bool last, struct observed_history *out,
                     struct settings *settings) {
    note_restored(state, settings);
    for (size_t i = 0; i < state->steps.count; i++) {
        const struct journal_step *step = &state->steps.items[i];
        if (last && out->open && step->state == PROGRESS_DONE)
            strings_add(&out->steps_done, step->key);
        if (!out->started_from && strcmp(step->key, "replicate/start") == 0)
            string_replace(&out->started_from, json_find_string(step->intent, "endpoint"));
        note_raised(step, settings);
    }
    strings_sort(&out->steps_done);
}

static void describe_last(const struct run_summary *last, struct observed_history *out) {
    out->base = xstrdup(last->head);
    out->last_run = xstrdup(last->run);
    out->last_digest = xstrdup(last->plan);
    out->last_class = xstrdup(last->class);
    out->open = last->open;
    out->finished = !last->open && strcmp(last->mode, "migrate") == 0;
    if (last->cutover)
        out->fence = fence_value(last->run);
}

static bool read_runs(struct gitstore *store, const char *migration,
                      const struct run_summaries *runs, struct settings *settings,
                      struct observed_history *out, struct error *err) {
    for (size_t i = 0; i < runs->count && (i == 0 || runs->items[i].open); i++) {
        AUTO(journal_run_files_clear) struct journal_run_files files = { 0 };
        if (!journal_read_run(store, migration, runs->items[i].run, &files, err))
            return false;
        read_run(&files.state, i == 0, out, settings);
    }
    return true;
}

bool history_read(struct gitstore *store, const char *migration, struct observed_history *out,
                  struct error *err) {
    AUTO(run_summaries_clear) struct run_summaries runs = { 0 };
    struct settings settings = { .before = &out->settings_before };
    if (!journal_history(store, migration, &runs, err))
        return false;
    if (runs.count)
        describe_last(&runs.items[0], out);
    else
        out->base = xstrdup("none");
    bool fine = read_runs(store, migration, &runs, &settings, out, err);
    strings_clear(&settings.restored);
    return fine;
}
