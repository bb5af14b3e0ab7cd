/* ecmig log: the history of migrations and runs, and the proof that it is whole. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/frame/command.h"
#include "cmd/migration/state.h"
#include "schemas/base/clock.h"
#include "schemas/base/memory.h"

static void say_findings(const struct findings *findings, struct text *page) {
    for (size_t i = 0; i < findings->count; i++) {
        const struct finding *finding = &findings->items[i];
        text_addf(page, "! %s %s: %s\n", finding->id, finding->subject, finding->summary);
    }
}

static struct json *findings_json(const struct findings *findings) {
    struct json *list = json_new_array();
    for (size_t i = 0; i < findings->count; i++) {
        struct json *item = json_new_object();
        json_put_string(item, "id", findings->items[i].id);
        json_put_string(item, "subject", findings->items[i].subject);
        json_put_string(item, "summary", findings->items[i].summary);
        json_append(list, item);
    }
    return list;
}

static void say_runs(const struct run_summaries *runs, bool locked, struct text *page) {
    if (!runs->count)
        text_add(page, "  no run yet\n");
    for (size_t i = 0; i < runs->count; i++) {
        const struct run_summary *run = &runs->items[i];
        text_addf(page, "  %-22s %-8s %s  ", run->run, run->mode, run->started_at);
        state_run_words(run, locked && i == 0, page);
        text_add_char(page, '\n');
    }
}

static struct json *runs_json(const struct run_summaries *runs) {
    struct json *list = json_new_array();
    for (size_t i = 0; i < runs->count; i++)
        json_append(list, shape_write(&run_summary_shape, &runs->items[i]));
    return list;
}

/* One migration with its runs; with broken chains only what --verify found is shown. */
static bool log_migration(const struct state *state, const char *migration, bool broken,
                          struct text *page, struct json *document, struct error *err) {
    AUTO(run_summaries_clear) struct run_summaries runs = { 0 };
    AUTO(lock_record_clear) struct lock_record lock = { 0 };
    AUTO(string_free) char *broken_lock = NULL;
    bool locked = state_lock(state, migration, &lock, &broken_lock);
    text_addf(page, "%s\n", migration);
    if (broken_lock)
        text_addf(page, "  the lock cannot be read: %s\n", broken_lock);
    json_put_string(document, "migration", migration);
    if (locked)
        json_put(document, "lock", state_lock_json(&lock));
    if (broken)
        return true;
    if (!journal_history(state->store, migration, &runs, err))
        return error_hint(err, "'ecmig log %s --verify' lists everything that does not hold",
                          state->subject);
    say_runs(&runs, locked && state_works(state, migration, &lock), page);
    json_put(document, "runs", runs_json(&runs));
    return true;
}

static void say_entry(const struct journal_entry *entry, const char **day, struct text *page) {
    if (!*day || strncmp(*day, entry->ts, 10) != 0)
        text_addf(page, "%.10s\n", entry->ts);
    *day = entry->ts;
    text_addf(page, "  %4" PRId64 "  %.12s  ", entry->seq,
              strlen(entry->ts) > 11 ? entry->ts + 11 : "");
    journal_describe(entry, page);
    text_add_char(page, '\n');
}

static struct json *entries_json(const struct journal_entries *entries) {
    struct json *list = json_new_array();
    for (size_t i = 0; i < entries->count; i++) {
        struct json *item = shape_write(&journal_entry_shape, &entries->items[i]);
        json_put_string(item, "hash", entries->items[i].hash);
        json_append(list, item);
    }
    return list;
}

static bool log_run(const struct state *state, const char *run, struct text *page,
                    struct json *document, struct error *err) {
    AUTO(journal_run_files_clear) struct journal_run_files files = { 0 };
    const char *day = NULL;
    if (!journal_read_run(state->store, state->migration, run, &files, err))
        return err->code == ERROR_NOT_FOUND
                   ? error_hint(err, "its runs are listed by: ecmig log %s", state->subject)
                   : error_hint(err, "'ecmig log %s --verify' lists everything that does not hold",
                                state->subject);
    const struct run_record *record = &files.record;
    text_addf(page, "%s %s: %s by %s on %s, plan sha256:%s\n", state->migration, run, record->mode,
              record->actor ? record->actor : "somebody", record->host ? record->host : "?",
              files.state.plan ? files.state.plan : record->plan);
    for (size_t i = 0; i < files.entries.count; i++)
        say_entry(&files.entries.items[i], &day, page);
    text_addf(page, "head sha256:%s\n", files.state.head);
    json_put_string(document, "migration", state->migration);
    json_put(document, "run", shape_write(&run_record_shape, record));
    json_put(document, "entries", entries_json(&files.entries));
    json_put_string(document, "head", files.state.head);
    if (files.result.class)
        json_put(document, "result", shape_write(&run_result_shape, &files.result));
    return true;
}

/* The runs that a command speaks of: those of one migration, or of all. */
static bool audit(const struct state *state, const struct strings *migrations,
                  struct findings *found, struct strings *proven, struct error *err) {
    for (size_t i = 0; i < migrations->count; i++) {
        if (!journal_audit(state->store, migrations->items[i], found, proven, err))
            return false;
    }
    return true;
}

static bool log_all(const struct state *state, const struct strings *migrations, bool broken,
                    struct text *page, struct json *document, struct error *err) {
    struct json *list = json_new_array();
    json_put(document, "migrations", list);
    for (size_t i = 0; i < migrations->count; i++) {
        struct json *item = json_new_object();
        json_append(list, item);
        if (!log_migration(state, migrations->items[i], broken, page, item, err))
            return false;
    }
    if (migrations->count == 0)
        text_add(page, "the state is empty\n");
    return true;
}

static bool write_log(const struct call *call, const struct state *state,
                      const struct strings *migrations, bool broken, struct text *page,
                      struct json *document, struct error *err) {
    if (!state->migration)
        return log_all(state, migrations, broken, page, document, err);
    if (call->arguments->count > 1 && !broken)
        return log_run(state, call->arguments->items[1], page, document, err);
    return log_migration(state, state->migration, broken, page, document, err);
}

static void say_verdict(const struct findings *found, const struct strings *proven,
                        struct text *page, struct json *document) {
    say_findings(found, page);
    for (size_t i = 0; i < proven->count; i++)
        text_addf(page, "  %s\n", proven->items[i]);
    json_put_strings(document, "proven", proven);
    bool verified = findings_count(found, SEVERITY_ERROR) == 0;
    text_addf(page, "%s\n",
              !verified       ? "NOT VERIFIED"
              : proven->count ? "verified: chain, commits, stored documents and signatures agree"
                              : "verified: chain, commits and stored documents agree; nothing is "
                                "signed, so this proves push rights, not who");
    json_put_bool(document, "verified", verified);
    json_put(document, "findings", findings_json(found));
}

static enum exit_class run_log(const struct call *call, struct error *err) {
    AUTO(state_close) struct state state = { 0 };
    AUTO(strings_clear) struct strings migrations = { 0 };
    AUTO(findings_clear) struct findings found = { 0 };
    AUTO(strings_clear) struct strings proven = { 0 };
    AUTO(text_clear) struct text page = TEXT_PAGE;
    AUTO(json_free) struct json *document = json_new_object();
    const struct strings *given = call->arguments;
    bool verify = options_flag(call->options, "verify");
    if (!state_open(call, given->count ? given->items[0] : NULL, &state, err))
        return error_exit_class(err->code);
    if (state.migration)
        strings_add(&migrations, state.migration);
    bool by_name = state.migration && !state.file;
    if (by_name ? !state_knows(&state, err)
                : !state.migration && !journal_migrations(state.store, &migrations, err))
        return error_exit_class(err->code);
    if (verify && !audit(&state, &migrations, &found, &proven, err))
        return error_exit_class(err->code);
    if (!write_log(call, &state, &migrations, found.count > 0, &page, document, err))
        return error_exit_class(err->code);
    if (verify)
        say_verdict(&found, &proven, &page, document);
    if (output_format(call->output) == FORMAT_JSON)
        output_json(call->output, document);
    else
        output_text(call->output, text_string(&page));
    return findings_count(&found, SEVERITY_ERROR) ? EXIT_CLASS_BLOCKED : EXIT_CLASS_OK;
}

static const struct option_row log_options[] = {
    { .name = "verify",
      .kind = OPTION_FLAG,
      .summary = "prove that every chain is whole and every commit agrees with it" },
};

const struct command command_log = {
    .name = "log",
    .arguments = "[NAME] [RUN]",
    .argument_maximum = 2,
    .touches = "nothing",
    .summary = "Show the history of migrations and runs, and verify it",
    .description = "Without a name all migrations of the state with their runs; with a name (or a "
                   "migration file) its runs, newest first; with a run its story, entry by entry, "
                   "and the hash of the last one, which anchors the chain outside the repository.",
    .options = log_options,
    .option_count = COUNT(log_options),
    .formats = FORMAT_BIT(FORMAT_JSON),
    .run = run_log,
};
