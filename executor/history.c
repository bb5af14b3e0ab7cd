#include "executor/history.h"

#include <string.h>

#include "executor/cutover/fence.h"
#include "schemas/base/memory.h"

static const char setting_prefix[] = "prepare/setting/", restore_prefix[] = "finish/restore/";

/* A setting that was raised and not yet restored: its value from before. */
static void add_setting(const struct journal_state *state, const struct journal_step *step,
                        struct observed_history *out) {
    const char *node = json_find_string(step->intent, "node");
    const char *setting = json_find_string(step->intent, "setting");
    const char *before = json_find_string(step->intent, "before");
    if (strncmp(step->key, setting_prefix, sizeof setting_prefix - 1) != 0 || !node || !setting ||
        !before)
        return;
    AUTO(string_free)
    char *restore = xasprintf("%s%s", restore_prefix, step->key + sizeof setting_prefix - 1);
    if (journal_progress_of(state, restore) == PROGRESS_DONE || step->state == PROGRESS_UNDONE)
        return;
    AUTO(string_free) char *name = xasprintf("%s %s", node, setting);
    pairs_set(&out->settings_before, name, before);
}

static void read_state(const struct journal_state *state, const char *run,
                       struct observed_history *out) {
    for (size_t i = 0; i < state->steps.count; i++) {
        const struct journal_step *step = &state->steps.items[i];
        if (out->open && step->state == PROGRESS_DONE)
            strings_add(&out->steps_done, step->key);
        if (strcmp(step->key, "replicate/start") == 0 && step->intent)
            string_replace(&out->started_from, json_find_string(step->intent, "endpoint"));
        add_setting(state, step, out);
    }
    strings_sort(&out->steps_done);
    if (state->cutover != JOURNAL_MARK_COUNT)
        out->fence = fence_value(run);
}

bool history_read(struct gitstore *store, const char *migration, struct observed_history *out,
                  struct error *err) {
    AUTO(run_summaries_clear) struct run_summaries runs = { 0 };
    AUTO(journal_run_files_clear) struct journal_run_files files = { 0 };
    if (!journal_history(store, migration, &runs, err))
        return false;
    if (!runs.count) {
        out->base = xstrdup("none");
        return true;
    }
    const struct run_summary *last = &runs.items[0];
    if (!journal_read_run(store, migration, last->run, &files, err))
        return false;
    out->base = xstrdup(last->head);
    out->last_run = xstrdup(last->run);
    out->last_digest = xstrdup(last->plan);
    out->last_class = xstrdup(last->class);
    out->open = last->open;
    out->finished = !last->open && strcmp(last->mode, "migrate") == 0;
    read_state(&files.state, last->run, out);
    return true;
}
