/* A run as a page: what was done, when and on whose word, what each step saw, and how it ended. */
#include "cmd/views/run.h"

#include <inttypes.h>
#include <string.h>

#include "cmd/views/fence_story.h"
#include "cmd/views/run_observed.h"
#include "cmd/views/view.h"
#include "executor/handover.h"
#include "planner/planner.h"
#include "schemas/base/clock.h"
#include "schemas/base/memory.h"
#include "schemas/base/units.h"

#define RUN_COLUMNS 10 /* of the labels */

const char *run_story_plan(const struct journal_run_files *files) {
    return files->state.plan ? files->state.plan : files->record.plan;
}

void run_story_add_title(const struct run_story *run, struct text *line) {
    const struct journal_state *state = &run->files->state;
    const char *class = state->class ? state->class : "no end recorded";
    bool aborted = state->finished && strcmp(class, exit_class_name(EXIT_CLASS_OK)) == 0 &&
                   strcmp(run->files->record.mode, plan_mode_names[PLAN_ABORT]) == 0;
    text_addf(line, "%s %s: %s, %s", run->migration, run->files->record.run,
              aborted           ? "aborted"
              : state->finished ? "finished"
                                : "open",
              class);
}

static const struct sheet_column mark_columns[] = { { "when", 20, 1 }, { "cutover", 0, 0 }, { 0 } };

void run_story_add_marks(const struct journal_state *state, struct sheet *sheet) {
    if (state->marks[JOURNAL_MARK_INTENT].count == 0)
        return;
    text_add(sheet_heading(sheet), "cutover");
    sheet_table(sheet, mark_columns);
    for (int i = 0; i < JOURNAL_MARK_COUNT; i++) {
        char when[CLOCK_TEXT_BYTES];
        if (state->marks[i].count == 0)
            continue;
        clock_format_seconds(state->marks[i].at_ms, when);
        sheet_cell(sheet, when);
        sheet_cellf(sheet, "%s: %s", journal_mark_name((enum journal_mark_id)i),
                    journal_mark_sentence((enum journal_mark_id)i));
    }
}

void run_story_add_handover(const struct journal_state *state, struct sheet *sheet) {
    AUTO(text_clear) struct text endpoint = TEXT_PAGE, ready = TEXT_PAGE;
    handover_add_endpoint(state, &endpoint);
    handover_add_ready(state, &ready);
    if (!endpoint.length && !ready.length)
        return;
    text_add(sheet_heading(sheet), "applications");
    if (ready.length)
        text_add(sheet_label(sheet, "ready"), text_string(&ready));
    if (endpoint.length)
        text_add(sheet_label(sheet, "endpoint"), text_string(&endpoint));
}

static const char *meaning_of(const char *class) {
    static const enum exit_class classes[] = {
#define EXIT_CLASS(symbol, status, name, meaning) EXIT_CLASS_##symbol,
#include "schemas/base/exit_classes.def"
#undef EXIT_CLASS
    };
    for (size_t i = 0; i < COUNT(classes); i++)
        if (strcmp(exit_class_name(classes[i]), class) == 0)
            return exit_class_meaning(classes[i]);
    return NULL;
}

static void say_verdict(const struct journal_state *state, struct sheet *sheet) {
    const char *meaning = state->class ? meaning_of(state->class) : NULL;
    struct text *line = sheet_label(sheet, "verdict");
    if (!state->class)
        text_add(line, "no end is recorded: it is running, or was interrupted");
    else
        text_addf(line, "%s, exit %" PRId64 "%s%s", state->class, state->exit_code,
                  meaning ? ": " : "", meaning ? meaning : "");
}

static void say_times(const struct run_record *record, const struct journal_state *state,
                      struct sheet *sheet) {
    char last[CLOCK_TEXT_BYTES];
    clock_format_seconds(state->last_at_ms, last);
    text_addf(sheet_label(sheet, "started"), "%s by %s on %s with ecmig %s", record->started_at,
              record->actor ? record->actor : "somebody", record->host ? record->host : "?",
              record->version ? record->version : "?");
    struct text *line = sheet_label(sheet, state->finished ? "ended" : "last entry");
    text_addf(line, "%s, after ", last);
    units_add_duration(line, state->last_at_ms - state->started_at_ms);
}

/* Of several lines, each on its own. */
static void say_paragraph(const char *label, const char *words, struct sheet *sheet) {
    for (const char *at = words; at && *at;) {
        AUTO(string_free) char *line = xstrndup(at, strcspn(at, "\n"));
        text_addf(at == words ? sheet_label(sheet, label) : sheet_more(sheet), "%s", line);
        at += strlen(line);
        at += *at == '\n';
    }
}

static void say_origin(const struct run_story *run, struct sheet *sheet) {
    const struct run_record *record = &run->files->record;
    const struct plan_context *context = &run->plan->context;
    text_addf(sheet_label(sheet, "mode"), "%s", record->mode);
    if (record->ci)
        text_addf(sheet_label(sheet, "job"), "%s", record->ci);
    if (record->caller)
        text_addf(sheet_label(sheet, "caller"), "%s", record->caller);
    if (record->config.commit)
        text_addf(sheet_label(sheet, "file"), "at commit %s%s", record->config.commit,
                  record->config.dirty == TRI_YES ? ", changed since" : "");
    say_paragraph("source", context->source, sheet);
    say_paragraph("target", context->target, sheet);
    say_paragraph("method", context->method, sheet);
    text_addf(sheet_command(sheet, "plan"), "sha256:%s", run_story_plan(run->files));
    text_addf(sheet_command(sheet, "head"), "sha256:%s", run->files->state.head);
}

static const struct sheet_column approval_columns[] = {
    { "approved", 0, 0 }, { "by", 0, 0 }, { "when", 0, 0 }, { "counts", 0, 0 }, { 0 }
};

void run_story_add_approvals(const struct ballots *ballots, struct sheet *sheet) {
    if (!ballots->judged.count && !ballots->problem)
        return;
    text_add(sheet_heading(sheet), "approvals");
    if (ballots->problem)
        text_addf(sheet_sentence(sheet), "NOT VERIFIED: %s", ballots->problem);
    if (ballots->judged.count)
        sheet_table(sheet, approval_columns);
    for (size_t i = 0; i < ballots->judged.count; i++) {
        const struct judged *judged = &ballots->judged.items[i];
        const struct approval *approval = &judged->approval;
        sheet_cellf(sheet, "%s%s", approval->gate ? "gate " : "the plan",
                    approval->gate ? approval->gate : "");
        sheet_cellf(sheet, "%s%s%s%s", approval_said_by(approval), judged->key ? " (signed, " : "",
                    judged->key ? judged->key : "", judged->key ? ")" : "");
        sheet_cell(sheet, approval->when);
        sheet_cellf(sheet, "%s%s%s",
                    judged->why     ? "no: "
                    : judged->later ? "yes, and would not now: "
                                    : "yes",
                    judged->why ? judged->why : "",
                    !judged->why && judged->later ? judged->later : "");
    }
}

static const struct sheet_column step_columns[] = {
    { "step", 0, 0 },
    { "what", 0, 0 },
    { "outcome", 0, 0 },
    { "started", 0, 0 },
    { "took", 0, 0 },
    { "what was seen", 0, 0 },
    { 0 },
};

static void say_step(const struct journal_state *state, const char *id, const char *key,
                     const char *words, struct sheet *sheet) {
    const struct journal_step *step = journal_step_find(state, key);
    char started[CLOCK_TEXT_BYTES] = "";
    AUTO(text_clear) struct text took = TEXT_PAGE, outcome = TEXT_PAGE, seen = TEXT_PAGE;
    if (step && step->started_at_ms > 0)
        clock_format_seconds(step->started_at_ms, started);
    if (step && step->started_at_ms > 0 && step->ended_at_ms > step->started_at_ms)
        units_add_duration(&took, step->ended_at_ms - step->started_at_ms);
    text_add(&outcome, step ? journal_progress_name(step->state) : "not begun");
    if (step && step->attempts > 1)
        text_addf(&outcome, " in %" PRId64 " attempts", step->attempts);
    run_observed_add(step ? step->outcome : NULL, &seen);
    sheet_cell(sheet, id);
    sheet_cell(sheet, words);
    sheet_cell(sheet, text_string(&outcome));
    sheet_cell(sheet, started);
    sheet_cell(sheet, text_string(&took));
    sheet_cell(sheet, text_string(&seen));
}

static void say_steps(const struct run_story *run, struct sheet *sheet) {
    const struct journal_state *state = &run->files->state;
    const struct plan_core *core = &run->plan->core;
    if (!core->steps.count && !state->steps.count)
        return;
    text_add(sheet_heading(sheet), "steps");
    sheet_table(sheet, step_columns);
    for (size_t i = 0; i < core->steps.count; i++) {
        AUTO(text_clear) struct text words = TEXT_PAGE;
        render_step_line(&core->steps.items[i], &words);
        say_step(state, core->steps.items[i].id, core->steps.items[i].key, text_string(&words),
                 sheet);
    }
    for (size_t i = 0; !core->steps.count && i < state->steps.count; i++)
        say_step(state, "", state->steps.items[i].key, state->steps.items[i].key, sheet);
}

static void fill(const struct view *view, struct sheet *sheet) {
    const struct run_story *run = view->run;
    const struct journal_state *state = &run->files->state;
    sheet->label_columns = RUN_COLUMNS;
    run_story_add_title(run, sheet_headline(sheet));
    say_verdict(state, sheet);
    say_times(&run->files->record, state, sheet);
    say_origin(run, sheet);
    run_story_add_approvals(run->ballots, sheet);
    say_steps(run, sheet);
    run_story_add_marks(state, sheet);
    run_story_add_handover(state, sheet);
    fence_story_fill(state, sheet);
}

static struct json *write_json(const struct view *view) {
    const struct run_story *run = view->run;
    const struct journal_state *state = &run->files->state;
    struct json *document = json_new_object(), *steps = json_new_array();
    json_put_string(document, "migration", run->migration);
    json_put(document, "run", shape_write(&run_record_shape, &run->files->record));
    json_put_bool(document, "open", !state->finished);
    for (size_t i = 0; i < state->steps.count; i++) {
        const struct journal_step *step = &state->steps.items[i];
        struct json *item = json_new_object();
        json_put_string(item, "key", step->key);
        json_put_string(item, "state", journal_progress_name(step->state));
        json_put_int(item, "attempts", step->attempts);
        if (step->outcome)
            json_put(item, "outcome", json_share(step->outcome));
        json_append(steps, item);
    }
    json_put(document, "steps", steps);
    json_put(document, "approvals", ballots_json(run->ballots));
    json_put_string(document, "approvals_problem", run->ballots->problem);
    json_put(document, "fence", fence_story_json(state));
    handover_put(state, document);
    if (run->files->result.class)
        json_put(document, "result", shape_write(&run_result_shape, &run->files->result));
    json_put_string(document, "head", state->head);
    return document;
}

const struct view_document view_document_run = { .fill = fill, .json = write_json };
