/* A run on one screen: its steps as the plan has them, each with how it ended. */
#include <string.h>

#include "cmd/views/fence_story.h"
#include "cmd/views/own.h"
#include "cmd/views/run.h"
#include "planner/planner.h"
#include "schemas/base/memory.h"
#include "schemas/base/units.h"

#define RUN_COLUMNS 10 /* of the labels */

static const char *mark_of(enum journal_progress progress) {
    switch (progress) {
    case PROGRESS_DONE:
        return "x";
    case PROGRESS_FAILED:
        return "!";
    case PROGRESS_STARTED:
    case PROGRESS_UNDOING:
        return ">";
    case PROGRESS_NONE:
    case PROGRESS_UNDONE:
        break;
    }
    return " ";
}

static void say_step(const struct journal_state *run, const char *id, const char *key,
                     const char *words, struct text *page) {
    const struct journal_step *step = journal_step_find(run, key);
    enum journal_progress progress = step ? step->state : PROGRESS_NONE;
    text_addf(page, "%s %-4s %s", mark_of(progress), id, words);
    if (progress != PROGRESS_NONE)
        text_addf(page, " (%s", journal_progress_name(progress));
    if (step && step->attempts > 1)
        text_addf(page, " in %d attempts", (int)step->attempts);
    if (step && step->ended_at_ms > step->started_at_ms && step->started_at_ms > 0) {
        text_add(page, ", ");
        units_add_duration(page, step->ended_at_ms - step->started_at_ms);
    }
    text_add(page, progress != PROGRESS_NONE ? ")\n" : "\n");
}

/* The plan's steps with their outcomes; without a readable plan, the steps the journal knows. */
static void say_steps(const struct run_story *run, struct text *page) {
    const struct journal_state *state = &run->files->state;
    for (size_t i = 0; i < run->plan->core.steps.count; i++) {
        const struct plan_step *step = &run->plan->core.steps.items[i];
        AUTO(text_clear) struct text words = TEXT_PAGE;
        render_step_line(step, &words);
        say_step(state, step->id, step->key, text_string(&words), page);
    }
    for (size_t i = 0; !run->plan->core.steps.count && i < state->steps.count; i++)
        say_step(state, "", state->steps.items[i].key, state->steps.items[i].key, page);
}

static void say_origin(const struct run_story *run, struct text *page) {
    const struct run_record *record = &run->files->record;
    text_addf(page, "  %s, started %s by %s on %s with ecmig %s\n", record->mode,
              record->started_at, record->actor ? record->actor : "somebody",
              record->host ? record->host : "?", record->version ? record->version : "?");
    if (record->ci)
        text_addf(page, "  from %s\n", record->ci);
    if (record->config.commit)
        text_addf(page, "  migration file at commit %s%s\n", record->config.commit,
                  record->config.dirty == TRI_YES ? ", changed since" : "");
    text_addf(page, "  plan sha256:%s\n\n", run_story_plan(run->files));
}

void run_text(const struct view *view, struct text *page) {
    const struct journal_state *state = &view->run->files->state;
    AUTO(sheet_clear) struct sheet sheet = { .label_columns = RUN_COLUMNS };
    run_story_add_title(view->run, page);
    text_add(page, "\n\n");
    say_origin(view->run, page);
    say_steps(view->run, page);
    run_story_add_approvals(view->run->ballots, &sheet);
    run_story_add_marks(state, &sheet);
    run_story_add_handover(state, &sheet);
    fence_story_fill(state, &sheet);
    sheet_gap(&sheet);
    text_addf(sheet_sentence(&sheet), "%d entries, head sha256:%s", (int)state->last_seq,
              state->head);
    sheet_add_text(&sheet, page);
}
