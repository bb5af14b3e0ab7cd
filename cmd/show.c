/* ecmig show: a saved plan, or a run out of the state repository. */
#include <stdlib.h>
#include <string.h>

#include "cmd/frame/command.h"
#include "cmd/migration/state.h"
#include "cmd/views/fence_story.h"
#include "planner/planner.h"
#include "schemas/base/clock.h"
#include "schemas/base/files.h"
#include "schemas/base/memory.h"
#include "schemas/base/units.h"

#define PLAN_CEILING_BYTES ((size_t)64 << 20)

static enum exit_class show_plan(const struct call *call, const char *path, struct error *err) {
    AUTO(text_clear) struct text bytes = { 0 };
    AUTO(plan_clear) struct plan plan = { 0 };
    AUTO(text_clear) struct text page = TEXT_PAGE;
    if (!file_read(path, PLAN_CEILING_BYTES, &bytes, err))
        return error_exit_class(err->code);
    if (!plan_parse(text_string(&bytes), bytes.length, &plan, err)) {
        (void)error_wrap(err, "%s", path);
        return error_exit_class(err->code);
    }
    const char *format = output_format_names[output_format(call->output)];
    AUTO(string_free) char *words = state_words(call, plan.context.config_file);
    struct render_options options = { .colour = output_is_colored(call->output),
                                      .words = words,
                                      .max_bytes = options_int(call->options, "max-bytes", 0) };
    render_format_find(format)->render(&plan, &options, &page);
    output_rendered(call->output, text_string(&page));
    return EXIT_CLASS_OK;
}

static bool find_run(const struct state *state, const char *run, char **migration,
                     struct error *err) {
    AUTO(strings_clear) struct strings migrations = { 0 };
    if (!journal_migrations(state->store, &migrations, err))
        return false;
    for (size_t i = 0; i < migrations.count; i++) {
        AUTO(strings_clear) struct strings runs = { 0 };
        AUTO(string_free) char *folder = xasprintf("migrations/%s/runs", migrations.items[i]);
        if (!gitstore_list(state->store, folder, &runs, err))
            return false;
        if (strings_has(&runs, run)) {
            string_replace(migration, migrations.items[i]);
            return true;
        }
    }
    error_set(err, ERROR_NOT_FOUND, "'%s' is neither a file nor a run of the state", run);
    return error_hint(err, "the runs are listed by: ecmig log %s", state->subject);
}

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
static void say_steps(const struct state *state, const struct journal_run_files *run,
                      struct text *page) {
    AUTO(text_clear) struct text bytes = { 0 };
    AUTO(plan_clear) struct plan plan = { 0 };
    AUTO(error_clear) struct error absent = { 0 };
    const char *digest = run->state.plan ? run->state.plan : run->record.plan;
    if (journal_read_plan(state->store, state->migration, digest, &bytes, &absent) &&
        plan_parse(text_string(&bytes), bytes.length, &plan, &absent)) {
        for (size_t i = 0; i < plan.core.steps.count; i++) {
            const struct plan_step *step = &plan.core.steps.items[i];
            AUTO(text_clear) struct text words = TEXT_PAGE;
            render_step_line(step, &words);
            say_step(&run->state, step->id, step->key, text_string(&words), page);
        }
        return;
    }
    for (size_t i = 0; i < run->state.steps.count; i++)
        say_step(&run->state, "", run->state.steps.items[i].key, run->state.steps.items[i].key,
                 page);
}

static void say_marks(const struct journal_state *run, struct text *page) {
    for (int i = 0; i < JOURNAL_MARK_COUNT; i++) {
        char when[CLOCK_TEXT_BYTES];
        if (run->marks[i].count == 0)
            continue;
        clock_format_seconds(run->marks[i].at_ms, when);
        text_addf(page, "  %s  %s: %s\n", when, journal_mark_name((enum journal_mark_id)i),
                  journal_mark_sentence((enum journal_mark_id)i));
    }
}

static void say_run(const struct state *state, const struct journal_run_files *run,
                    struct text *page) {
    const struct run_record *record = &run->record;
    const char *class = run->state.class ? run->state.class : "no end recorded";
    bool aborted = run->state.finished && strcmp(class, exit_class_name(EXIT_CLASS_OK)) == 0 &&
                   strcmp(record->mode, plan_mode_names[PLAN_ABORT]) == 0;
    text_addf(page, "%s %s: %s, %s\n\n", state->migration, record->run,
              aborted               ? "aborted"
              : run->state.finished ? "finished"
                                    : "open",
              class);
    text_addf(page, "  %s, started %s by %s on %s with ecmig %s\n", record->mode,
              record->started_at, record->actor ? record->actor : "somebody",
              record->host ? record->host : "?", record->version ? record->version : "?");
    if (record->ci)
        text_addf(page, "  from %s\n", record->ci);
    if (record->config.commit)
        text_addf(page, "  migration file at commit %s%s\n", record->config.commit,
                  record->config.dirty == TRI_YES ? ", changed since" : "");
    text_addf(page, "  plan sha256:%s\n\n", run->state.plan ? run->state.plan : record->plan);
    say_steps(state, run, page);
    if (run->state.marks[JOURNAL_MARK_INTENT].count > 0) {
        text_add(page, "\ncutover\n");
        say_marks(&run->state, page);
    }
    fence_story_say(&run->state, page);
    text_addf(page, "\n%d entries, head sha256:%s\n", (int)run->state.last_seq, run->state.head);
}

static struct json *run_json(const struct state *state, const struct journal_run_files *run) {
    struct json *document = json_new_object(), *steps = json_new_array();
    json_put_string(document, "migration", state->migration);
    json_put(document, "run", shape_write(&run_record_shape, &run->record));
    json_put_bool(document, "open", !run->state.finished);
    for (size_t i = 0; i < run->state.steps.count; i++) {
        const struct journal_step *step = &run->state.steps.items[i];
        struct json *item = json_new_object();
        json_put_string(item, "key", step->key);
        json_put_string(item, "state", journal_progress_name(step->state));
        json_put_int(item, "attempts", step->attempts);
        if (step->outcome)
            json_put(item, "outcome", json_share(step->outcome));
        json_append(steps, item);
    }
    json_put(document, "steps", steps);
    json_put(document, "fence", fence_story_json(&run->state));
    if (run->result.class)
        json_put(document, "result", shape_write(&run_result_shape, &run->result));
    json_put_string(document, "head", run->state.head);
    return document;
}

static enum exit_class run_show(const struct call *call, struct error *err) {
    AUTO(state_close) struct state state = { 0 };
    AUTO(journal_run_files_clear) struct journal_run_files run = { 0 };
    const char *subject = call->arguments->items[0];
    if (strcmp(subject, "-") == 0 || strpbrk(subject, "./") || path_exists(subject))
        return show_plan(call, subject, err);
    if (output_format(call->output) == FORMAT_MARKDOWN) {
        (void)error_set(err, ERROR_USAGE, "a run has no markdown form");
        (void)error_hint(err, "leave '--format' out, or give --format json");
        return error_exit_class(err->code);
    }
    if (!options_string(call->options, "state")) {
        (void)error_set(err, ERROR_USAGE, "'%s' is no file, and a run needs its state repository",
                        subject);
        (void)error_hint(err, "name a plan's file, or give --state DIR");
        return EXIT_CLASS_USAGE;
    }
    if (!state_open(call, NULL, &state, err) || !find_run(&state, subject, &state.migration, err) ||
        !journal_read_run(state.store, state.migration, subject, &run, err))
        return error_exit_class(err->code);
    if (output_format(call->output) == FORMAT_JSON) {
        AUTO(json_free) struct json *document = run_json(&state, &run);
        output_json(call->output, document);
    } else {
        AUTO(text_clear) struct text page = TEXT_PAGE;
        say_run(&state, &run, &page);
        output_text(call->output, text_string(&page));
    }
    return EXIT_CLASS_OK;
}

static const struct option_row show_options[] = {
    { "max-bytes", OPTION_BYTES, .value = "SIZE", .minimum = 2000, .maximum = 1000000,
      .summary = "how long a plan's markdown page may be (60000)" },
};

const struct command command_show = {
    .name = "show",
    .arguments = "PLAN|RUN",
    .argument_minimum = 1,
    .argument_maximum = 1,
    .touches = "nothing",
    .summary = "Render a saved plan, or a run out of the state repository",
    .description = "PLAN is a file that 'ecmig plan --out' wrote; - is stdin. A RUN needs --state.",
    .options = show_options,
    .option_count = COUNT(show_options),
    .formats = FORMAT_BIT(FORMAT_JSON) | FORMAT_BIT(FORMAT_MARKDOWN),
    .run = run_show,
};
