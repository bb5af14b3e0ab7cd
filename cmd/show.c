/* ecmig show: a saved plan, or a run out of the state repository. */
#include <stdlib.h>
#include <string.h>

#include "cmd/frame/command.h"
#include "cmd/migration/state.h"
#include "cmd/views/run.h"
#include "cmd/views/view.h"
#include "schemas/base/files.h"
#include "schemas/base/memory.h"

#define PLAN_CEILING_BYTES ((size_t)64 << 20)

static enum exit_class show_plan(const struct call *call, const char *path, struct error *err) {
    AUTO(text_clear) struct text bytes = { 0 };
    AUTO(plan_clear) struct plan plan = { 0 };
    if (!file_read(path, PLAN_CEILING_BYTES, &bytes, err))
        return error_exit_class(err->code);
    if (!plan_parse(text_string(&bytes), bytes.length, &plan, err)) {
        error_wrap(err, "%s", path);
        return error_exit_class(err->code);
    }
    AUTO(string_free) char *words = state_words(call, plan.context.config_file);
    view_show(
        call->output,
        &(struct view){ DOCUMENT_PLAN,
                        .plan = { &plan, words, options_int(call->options, "max-bytes", 0) } });
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
    return error_hint(err, "list the runs with: ecmig log %s", state->subject);
}

/* The plan of the run, as far as it can be read. */
static void read_plan(const struct state *state, const char *digest, struct plan *out) {
    AUTO(text_clear) struct text bytes = { 0 };
    AUTO(error_clear) struct error absent = { 0 };
    if (journal_read_plan(state->store, state->migration, digest, &bytes, &absent))
        (void)!plan_parse(text_string(&bytes), bytes.length, out, &absent);
}

static enum exit_class show_run(const struct call *call, const char *run, struct error *err) {
    AUTO(state_close) struct state state = { 0 };
    AUTO(journal_run_files_clear) struct journal_run_files files = { 0 };
    AUTO(plan_clear) struct plan plan = { 0 };
    AUTO(ballots_clear) struct ballots ballots = { 0 };
    if (!state_open(call, NULL, &state, err) || !find_run(&state, run, &state.migration, err) ||
        !journal_read_run(state.store, state.migration, run, &files, err))
        return error_exit_class(err->code);
    AUTO(string_free) char *digest = xstrdup(run_story_plan(&files));
    read_plan(&state, digest, &plan);
    if (!ballots_of_run(&state, &files, &ballots, err))
        return error_exit_class(err->code);
    view_show(call->output,
              &(struct view){ DOCUMENT_RUN, .run = &(struct run_story){ state.migration, &files,
                                                                        &plan, &ballots } });
    return EXIT_CLASS_OK;
}

static enum exit_class run_show(const struct call *call, struct error *err) {
    const char *subject = call->arguments->items[0];
    if (strcmp(subject, "-") == 0 || strpbrk(subject, "./") || path_exists(subject))
        return show_plan(call, subject, err);
    if (!options_string(call->options, "state")) {
        error_set(err, ERROR_USAGE, "'%s' is not a file, and a run needs its state repository",
                  subject);
        error_hint(err, "name a plan's file, or give --state DIR");
        return EXIT_CLASS_USAGE;
    }
    return show_run(call, subject, err);
}

static const struct option_row show_options[] = {
    { "max-bytes", OPTION_BYTES, .value = "SIZE", .minimum = 2000, .maximum = 1000000,
      .summary = "maximum length of a plan's markdown page (60000)" },
};

const struct command command_show = {
    .name = "show",
    .workflow = WORKFLOW_LOOK,
    .examples = "ecmig show plan.json\n"
                "ecmig show 20261122T101500Z-3f9c --state ./state --format markdown",
    .arguments = "PLAN|RUN",
    .argument_minimum = 1,
    .argument_maximum = 1,
    .touches = "nothing",
    .summary = "Show a saved plan, or a run from the state repository",
    .description = "PLAN is a file that 'ecmig plan --out' wrote; - is stdin. A RUN needs --state.",
    .options = show_options,
    .option_count = COUNT(show_options),
    .formats = FORMATS_ALL,
    .run = run_show,
};
