/* ecmig log: the history of migrations and runs, and the proof that it is whole. */
#include "cmd/views/log.h"
#include "cmd/frame/command.h"
#include "cmd/migration/state.h"
#include "cmd/views/view.h"
#include "schemas/base/memory.h"

static bool hint_verify(const struct state *state, struct error *err) {
    return error_hint(err, "'ecmig log %s --verify' lists everything that does not verify",
                      state->subject);
}

/* One migration with its runs. */
static bool read_migration(const struct state *state, const char *name, struct log_pages *out,
                           struct error *err) {
    struct log_migration *migration = LIST_ADD(&out->migrations);
    migration->name = xstrdup(name);
    migration->locked = state_lock(state, name, &migration->lock, &migration->broken_lock);
    migration->works = migration->locked && state_works(state, name, &migration->lock);
    return out->is_broken || journal_history(state->store, name, &migration->runs, err) ||
           hint_verify(state, err);
}

static bool read_run(const struct state *state, const char *run, struct log_pages *out,
                     struct error *err) {
    out->migration = state->migration;
    out->run = run;
    if (journal_read_run(state->store, state->migration, run, &out->files, err))
        return true;
    return err->code == ERROR_NOT_FOUND
               ? error_hint(err, "its runs are listed by: ecmig log %s", state->subject)
               : hint_verify(state, err);
}

static bool read_log(const struct call *call, const struct state *state,
                     const struct strings *migrations, struct log_pages *out, struct error *err) {
    for (size_t i = 0; out->is_verified && i < migrations->count; i++) {
        const struct journal_reading reading = state_reading(state, migrations->items[i]);
        if (!journal_audit(&reading, &out->found, &out->proven, err))
            return false;
    }
    out->is_broken = findings_count(&out->found, SEVERITY_ERROR) > 0;
    out->is_one = state->migration != NULL;
    if (out->is_one && call->arguments->count > 1 && !out->is_broken)
        return read_run(state, call->arguments->items[1], out, err);
    for (size_t i = 0; i < migrations->count; i++)
        if (!read_migration(state, migrations->items[i], out, err))
            return false;
    return true;
}

static enum exit_class run_log(const struct call *call, struct error *err) {
    AUTO(state_close) struct state state = { 0 };
    AUTO(strings_clear) struct strings migrations = { 0 };
    const struct strings *given = call->arguments;
    AUTO(log_pages_clear)
    struct log_pages pages = { .is_verified = options_flag(call->options, "verify") };
    if (!state_open(call, given->count ? given->items[0] : NULL, &state, err))
        return error_exit_class(err->code);
    if (state.migration)
        strings_add(&migrations, state.migration);
    bool by_name = state.migration && !state.file;
    if (by_name ? !state_knows(&state, err)
                : !state.migration && !journal_migrations(state.store, &migrations, err))
        return error_exit_class(err->code);
    if (!read_log(call, &state, &migrations, &pages, err))
        return error_exit_class(err->code);
    view_show(call->output, &(struct view){ DOCUMENT_LOG, .log = &pages });
    return findings_count(&pages.found, SEVERITY_ERROR) ? EXIT_CLASS_BLOCKED : EXIT_CLASS_OK;
}

static const struct option_row log_options[] = {
    { .name = "verify",
      .kind = OPTION_FLAG,
      .summary = "verify that every chain is complete and every commit agrees with it" },
};

const struct command command_log = {
    .name = "log",
    .workflow = WORKFLOW_LOOK,
    .examples = "ecmig log orders.yaml\n"
                "ecmig log orders.yaml --verify\n"
                "ecmig log orders 20261122T101500Z-3f9c --state ./state --format markdown",
    .arguments = "[NAME] [RUN]",
    .argument_maximum = 2,
    .touches = "nothing",
    .summary = "Show the history of migrations and runs, and verify it",
    .description =
        "Without a name, all migrations of the state with their runs; with a name (or a migration "
        "file), its runs, newest first; with a run, its entries one by one and the hash of the "
        "last one. Keep that hash elsewhere to detect later changes of the repository.",
    .options = log_options,
    .option_count = COUNT(log_options),
    .formats = FORMATS_ALL,
    .run = run_log,
};
