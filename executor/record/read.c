#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "executor/record/inside.h"
#include "schemas/base/memory.h"

char *migration_path(const char *migration, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    AUTO(string_free) char *inside = xvasprintf(format, arguments);
    va_end(arguments);
    return xasprintf("migrations/%s/%s", migration, inside);
}

const char *digest_digits(const char *digest) {
    return strncmp(digest, "sha256:", 7) == 0 ? digest + 7 : digest;
}

static bool read_shape(struct gitstore *store, const char *path, const struct shape *shape,
                       void *out, struct error *err) {
    AUTO(text_clear) struct text bytes = { 0 };
    AUTO(json_free) struct json *document = NULL;
    return gitstore_read(store, path, &bytes, err) &&
           json_parse(text_string(&bytes), bytes.length, path, &document, err) &&
           (shape_read(shape, document, out, err) || error_wrap(err, "'%s'", path));
}

static bool read_entry(struct gitstore *store, const char *folder, const char *name,
                       struct journal_entries *entries, struct error *err) {
    AUTO(string_free) char *path = xasprintf("%s/%s", folder, name);
    AUTO(text_clear) struct text bytes = { 0 };
    AUTO(journal_entry_clear) struct journal_entry entry = { 0 };
    if (!gitstore_read(store, path, &bytes, err) ||
        !journal_parse(text_string(&bytes), bytes.length, path, &entry, err))
        return false;
    AUTO(string_free) char *wanted = journal_entry_file(&entry);
    if (strcmp(wanted, name) != 0)
        return error_set(err, ERROR_FORMAT, "'%s' holds the entry of '%s'", path, wanted);
    *LIST_ADD(entries) = MOVE(entry);
    return true;
}

static bool read_entries(struct gitstore *store, const char *migration, const char *run,
                         struct journal_entries *entries, struct error *err) {
    AUTO(string_free) char *folder = migration_path(migration, "runs/%s/journal", run);
    AUTO(strings_clear) struct strings names = { 0 };
    if (!gitstore_list(store, folder, &names, err))
        return false;
    if (names.count > JOURNAL_ENTRIES_MAX)
        return error_set(err, ERROR_LIMIT, "run %s has too many entries", run);
    for (size_t i = 0; i < names.count; i++) {
        if (!read_entry(store, folder, names.items[i], entries, err))
            return false;
    }
    return true;
}

bool journal_read_run(struct gitstore *store, const char *migration, const char *run,
                      struct journal_run_files *out, struct error *err) {
    AUTO(journal_run_files_clear) struct journal_run_files files = { 0 };
    AUTO(string_free) char *record = migration_path(migration, "runs/%s/run.json", run);
    AUTO(string_free) char *result = migration_path(migration, "runs/%s/result.json", run);
    AUTO(error_clear) struct error absent = { 0 };
    journal_state_init(&files.state);
    if (!read_shape(store, record, &run_record_shape, &files.record, err)) {
        if (err->code == ERROR_NOT_FOUND)
            error_set(err, ERROR_NOT_FOUND, "migration '%s' has no run '%s'", migration, run);
        return false;
    }
    if (!read_entries(store, migration, run, &files.entries, err) ||
        !journal_replay(&files.entries, &files.state, err))
        return error_wrap(err, "run %s", run);
    if (!read_shape(store, result, &run_result_shape, &files.result, &absent) &&
        absent.code != ERROR_NOT_FOUND) {
        error_move(err, &absent);
        return false;
    }
    *out = MOVE(files);
    return true;
}

void journal_run_files_clear(struct journal_run_files *run) {
    run_record_clear(&run->record);
    journal_entries_clear(&run->entries);
    journal_state_clear(&run->state);
    run_result_clear(&run->result);
}

/* The step the run stands at: without an outcome, else the last one touched. */
static const char *step_of(const struct journal_run_files *files) {
    for (size_t i = files->entries.count; i > 0; i--) {
        const char *step = files->entries.items[i - 1].step;
        if (step && *step)
            return step;
    }
    return NULL;
}

static const char *gate_of(const struct journal_state *state) {
    for (size_t i = state->gates.count; i > 0; i--) {
        if (!state->gates.items[i - 1].passed)
            return state->gates.items[i - 1].name;
    }
    return NULL;
}

static void summarise(const struct journal_run_files *files, struct run_summary *out) {
    const struct journal_state *state = &files->state;
    out->run = xstrdup(files->record.run);
    out->mode = xstrdup(files->record.mode);
    out->plan = xstrdup(state->plan ? state->plan : files->record.plan);
    out->started_at = xstrdup(files->record.started_at);
    out->open = !state->finished;
    out->class = xstrdup(state->class);
    out->step = xstrdup(step_of(files));
    out->gate = out->open ? xstrdup(gate_of(state)) : NULL;
    out->cutover =
        state->cutover == JOURNAL_MARK_COUNT ? NULL : xstrdup(journal_mark_name(state->cutover));
    out->epoch = state->epoch;
    out->head = xstrdup(state->head);
    out->base = xstrdup(state->base);
}

static int newest_first(const void *left, const void *right) {
    const struct run_summary *a = left, *b = right;
    int order = strcmp(b->started_at, a->started_at);
    if (order == 0)
        order = (a->epoch < b->epoch) - (a->epoch > b->epoch);
    return order ? order : strcmp(b->run, a->run);
}

/* Only the newest run continues. */
static void mark_given_up(struct run_summaries *list) {
    for (size_t i = 1; i < list->count; i++) {
        if (!list->items[i].open)
            continue;
        list->items[i].open = false;
        list->items[i].given_up_by = xstrdup(list->items[i - 1].run);
    }
}

/* Names are shown and become paths: run_id_new makes no others. */
static bool is_run_name(const char *name) {
    size_t length = strlen(name);
    return length > 0 && length <= 64 &&
           strspn(name, "0123456789abcdefghijklmnopqrstuvwxyzTZ-") == length;
}

bool journal_history(struct gitstore *store, const char *migration, struct run_summaries *out,
                     struct error *err) {
    AUTO(string_free) char *folder = migration_path(migration, "runs");
    AUTO(strings_clear) struct strings names = { 0 };
    AUTO(run_summaries_clear) struct run_summaries list = { 0 };
    if (!gitstore_list(store, folder, &names, err))
        return false;
    for (size_t i = 0; i < names.count; i++) {
        AUTO(journal_run_files_clear) struct journal_run_files files = { 0 };
        if (!is_run_name(names.items[i]))
            return error_set(err, ERROR_FORMAT,
                             "migration '%s' has a run whose name was not made by ecmig",
                             migration);
        if (!journal_read_run(store, migration, names.items[i], &files, err))
            return false;
        if (strcmp(files.record.run, names.items[i]) != 0 ||
            strcmp(files.record.migration, migration) != 0)
            return error_set(err, ERROR_FORMAT, "run.json of run %s belongs to another run",
                             names.items[i]);
        summarise(&files, LIST_ADD(&list));
    }
    if (list.count > 1)
        qsort(list.items, list.count, sizeof *list.items, newest_first);
    mark_given_up(&list);
    *out = MOVE(list);
    return true;
}

bool journal_runs(struct gitstore *store, const char *migration, struct strings *out,
                  struct error *err) {
    AUTO(string_free) char *folder = migration_path(migration, "runs");
    return gitstore_list(store, folder, out, err);
}

bool journal_migrations(struct gitstore *store, struct strings *out, struct error *err) {
    return gitstore_list(store, "migrations", out, err);
}

bool journal_read_lock(struct gitstore *store, const char *migration, struct lock_record *out,
                       struct error *err) {
    AUTO(string_free) char *path = migration_path(migration, "lock.json");
    AUTO(lock_record_clear) struct lock_record lock = { 0 };
    if (!read_shape(store, path, &lock_record_shape, &lock, err))
        return false;
    *out = MOVE(lock);
    return true;
}

/* The name is what was approved. What stands under it, its own digest included, can have been
 * written by anybody with push rights. */
static bool is_plan_of(const void *bytes, size_t length, const char *path, const char *digits,
                       struct error *err) {
    AUTO(json_free) struct json *document = NULL;
    char actual[DIGEST_HEX_BYTES] = "";
    if (!json_parse(bytes, length, path, &document, err))
        return false;
    const struct json *core = json_find(document, "core");
    if (core)
        json_digest(core, actual);
    if (strcmp(actual, digits) == 0)
        return true;
    error_set(err, ERROR_FORMAT, "'%s' holds a different plan than its name says (sha256:%.12s)",
              path, core ? actual : "none");
    return error_hint(err, "the stored plan was replaced: restore that file in the state "
                           "repository from the commit that added it");
}

bool journal_read_plan(struct gitstore *store, const char *migration, const char *digest,
                       struct text *out, struct error *err) {
    AUTO(string_free)
    char *path = migration_path(migration, "plans/%s.json", digest_digits(digest));
    AUTO(text_clear) struct text bytes = { 0 };
    if (!gitstore_read(store, path, &bytes, err) ||
        !is_plan_of(text_string(&bytes), bytes.length, path, digest_digits(digest), err))
        return false;
    text_clear(out);
    *out = MOVE(bytes);
    return true;
}
