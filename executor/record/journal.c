#include "executor/record/inside.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "schemas/base/clock.h"
#include "schemas/base/files.h"
#include "schemas/base/memory.h"

#define TAKE_OVER_TRIES 50

/* "20261122T101500Z-3f9c 17", for each run. */
static bool list_runs(struct journal *journal, struct strings *out, struct error *err) {
    AUTO(string_free) char *folder = migration_path(journal->migration, "runs");
    AUTO(strings_clear) struct strings names = { 0 };
    if (!gitstore_list(journal->store, folder, &names, err))
        return false;
    for (size_t i = 0; i < names.count; i++) {
        AUTO(string_free) char *entries = xasprintf("%s/%s/journal", folder, names.items[i]);
        AUTO(strings_clear) struct strings files = { 0 };
        if (!gitstore_list(journal->store, entries, &files, err))
            return false;
        strings_addf(out, "%s %zu", names.items[i], files.count);
    }
    return true;
}

bool journal_open(struct gitstore *store, const char *migration, const char *holder,
                  const struct journal_patience *patience, struct journal **out,
                  struct error *err) {
    AUTO(journal_close) struct journal *journal = xcalloc(1, sizeof *journal);
    journal->store = store;
    journal->migration = xstrdup(migration);
    journal->holder = xstrdup(holder);
    journal->machine.fd = -1;
    journal->local.fd = -1;
    journal->patient = patience != NULL;
    if (patience)
        journal->patience = *patience;
    journal_state_init(&journal->state);
    if (!journal_wait_free(journal, patience, err) || !list_runs(journal, &journal->runs, err))
        return false;
    *out = TAKE(journal);
    return true;
}

static void pending_file_release(struct pending_file *file) {
    free(file->path);
    free(file->bytes);
}

void journal_close(struct journal *journal) {
    if (!journal)
        return;
    LIST_CLEAR(&journal->pending, pending_file_release);
    local_journal_close(&journal->local);
    machine_lock_close(&journal->machine);
    lock_record_clear(&journal->lock);
    lock_record_clear(&journal->abandoned);
    strings_clear(&journal->runs);
    pairs_clear(&journal->bound);
    journal_state_clear(&journal->state);
    free(journal->migration);
    free(journal->holder);
    free(journal->run);
    free(journal->record);
    free(journal);
}

static bool open_local(struct journal *journal, struct error *err) {
    AUTO(string_free) char *folder = NULL;
    if (!gitstore_private_folder(journal->store, &folder, err))
        return false;
    AUTO(string_free)
    char *path = xasprintf("%s/%s.%s.journal", folder, journal->migration, journal->run);
    return local_journal_open(path, &journal->local, err);
}

/* Somebody else may have begun or resumed since journal_open, from another clone. */
static bool nothing_moved(struct journal *journal, struct error *err) {
    AUTO(strings_clear) struct strings runs = { 0 };
    if (!gitstore_refresh(journal->store, err) || !journal_check_free(journal, err) ||
        !list_runs(journal, &runs, err))
        return false;
    AUTO(string_free) char *were = strings_join(&journal->runs, "\n");
    AUTO(string_free) char *are = strings_join(&runs, "\n");
    if (strcmp(were, are) == 0)
        return true;
    error_set(err, ERROR_STALE, "another run of '%s' began or resumed meanwhile",
              journal->migration);
    return error_hint(err, "plan again");
}

/* Another migration's commit, or an approval, may have moved the branch: then we look again, and
 * try again when the migration is as it was. */
static bool take_over(struct journal *journal, enum commit_kind kind, const char *subject,
                      struct error *err) {
    for (int i = 1; !journal_commit_pending(journal, kind, subject, err); i++) {
        if (err->code != ERROR_CONFLICT || i == TAKE_OVER_TRIES)
            return false;
        error_clear(err);
        if (!nothing_moved(journal, err))
            return false;
    }
    return true;
}

/* `path` is taken over. */
static void pend_bound(struct journal *journal, char *path, const void *bytes, size_t length) {
    journal_bind(journal, path, bytes, length);
    journal_pend(journal, path, bytes, length);
}

static void pend_beginning(struct journal *journal, const struct journal_beginning *beginning) {
    const char *name = journal->migration;
    AUTO(json_free) struct json *record = shape_write(&run_record_shape, beginning->record);
    AUTO(string_free) char *words = json_write(record, JSON_PRETTY);
    AUTO(string_free) char *run = xasprintf("%s\n", words);
    AUTO(string_free)
    char *plan = migration_path(name, "plans/%s.json", digest_digits(beginning->digest));
    AUTO(text_clear) struct text stored = { 0 };
    AUTO(error_clear) struct error absent = { 0 };
    pend_bound(journal, migration_path(name, "runs/%s/run.json", journal->run), run, strlen(run));
    pend_bound(journal, migration_path(name, "runs/%s/config.yaml", journal->run),
               beginning->config_yaml, beginning->config_length);
    if (journal_read_plan(journal->store, name, beginning->digest, &stored, &absent))
        journal_bind(journal, plan, text_string(&stored), stored.length);
    else
        pend_bound(journal, xstrdup(plan), beginning->plan, beginning->plan_length);
}

bool journal_begin(struct journal *journal, const struct journal_beginning *beginning,
                   struct error *err) {
    if (journal->run)
        return error_set(err, ERROR_REFUSED, "run %s is already being recorded", journal->run);
    if (!nothing_moved(journal, err))
        return false;
    journal->run = xstrdup(beginning->record->run);
    if (!open_local(journal, err) || !journal_prepare_lock(journal, err))
        return false;
    pend_beginning(journal, beginning);
    AUTO(json_free) struct json *data = json_new_object();
    json_put_string(data, "state", "new");
    json_put_string(data, "mode", beginning->record->mode);
    json_put_string(data, "plan", digest_digits(beginning->digest));
    json_put_string(data, "actor", beginning->record->actor);
    return journal_add(journal, &(struct journal_fact){ .type = JOURNAL_RUN_STARTED, .data = data },
                       err) &&
           take_over(journal, COMMIT_TAKES_LOCK, "run started", err);
}

/* Entries that a crash left on this machine. What does not continue the chain is of a process that
 * had lost the lock: it is kept beside and not replayed. */
static bool recover_local(struct journal *journal, const struct journal_entries *committed,
                          size_t *recovered, struct error *err) {
    AUTO(journal_entries_clear) struct journal_entries left = { 0 };
    size_t count = 0;
    if (!local_journal_read(&journal->local, &left, err))
        return false;
    for (size_t i = 0; i < left.count; i++) {
        AUTO(error_clear) struct error foreign = { 0 };
        struct journal_entry *entry = &left.items[i];
        if (entry->seq <= (int64_t)committed->count &&
            strcmp(entry->hash, committed->items[entry->seq - 1].hash) == 0)
            continue;
        if (!journal_state_add(&journal->state, entry, &foreign))
            return local_journal_set_aside(&journal->local, err);
        AUTO(string_free) char *file = journal_entry_file(entry);
        AUTO(string_free) char *line = journal_write(entry);
        AUTO(string_free) char *document = xasprintf("%s\n", line);
        journal_pend(journal,
                     migration_path(journal->migration, "runs/%s/journal/%s", journal->run, file),
                     document, strlen(document));
        count++;
    }
    *recovered = count;
    return true;
}

static bool refuse_finished(const struct journal *journal, struct error *err) {
    return error_set(err, ERROR_REFUSED, "run %s is finished (%s)", journal->run,
                     journal->state.class ? journal->state.class : "unknown");
}

/* Somebody else's lock is there still: it says who was replaced, and why that was right. */
static bool note_taken_over(struct journal *journal, struct error *err) {
    AUTO(lock_record_clear) struct lock_record lock = { 0 };
    AUTO(error_clear) struct error absent = { 0 };
    if (!journal_read_lock(journal->store, journal->migration, &lock, &absent))
        return true;
    AUTO(json_free) struct json *data = json_new_object();
    json_put_string(data, "state", "taken_over");
    json_put_string(data, "holder", lock.holder);
    json_put_string(data, "expires_at", lock.expires_at);
    json_put_int(data, "epoch", lock.epoch);
    json_put_string(data, "because",
                    journal->took_over_epoch ? "its process died on this machine"
                                             : "it expired and was not renewed");
    return journal_add(journal, &(struct journal_fact){ .type = JOURNAL_LOCK, .data = data }, err);
}

/* A run after it took its place: an abort gave it up, and Force may have ended what it began. */
static bool is_newest(struct journal *journal, const char *run, struct error *err) {
    AUTO(run_summaries_clear) struct run_summaries runs = { 0 };
    if (!journal_history(journal->store, journal->migration, &runs, err))
        return false;
    return !runs.count || strcmp(runs.items[0].run, run) == 0 ||
           error_set(err, ERROR_REFUSED, "run %s was aborted: run %s came after it", run,
                     runs.items[0].run);
}

/* With an end that had stayed on this machine: result.json may tell of an earlier stop. */
static void pend_late_result(struct journal *journal) {
    const struct journal_state *state = &journal->state;
    if (!state->class)
        return;
    AUTO(string_free) char *head = xstrdup(state->head);
    const struct run_result result = { .run = journal->run,
                                       .digest = state->plan,
                                       .head = head,
                                       .class = state->class,
                                       .exit_code = state->exit_code,
                                       .changed = true };
    journal_pend_shape(journal,
                       migration_path(journal->migration, "runs/%s/result.json", journal->run),
                       &run_result_shape, &result);
}

bool journal_resume(struct journal *journal, const char *run, const char *actor,
                    struct error *err) {
    AUTO(journal_run_files_clear) struct journal_run_files files = { 0 };
    const struct journal_reading reading = { journal->store, journal->migration, journal->keys };
    size_t recovered = 0;
    if (journal->run)
        return error_set(err, ERROR_REFUSED, "run %s is already being recorded", journal->run);
    /* The branch was fetched again: what was checked before may have been replaced. */
    if (!nothing_moved(journal, err) || !journal_trust(&reading, run, err) ||
        !journal_read_run(journal->store, journal->migration, run, &files, err) ||
        !is_newest(journal, run, err))
        return false;
    journal->run = xstrdup(run);
    journal->state = files.state;
    journal_state_init(&files.state);
    if (journal->state.finished)
        return refuse_finished(journal, err);
    if (!open_local(journal, err) || !recover_local(journal, &files.entries, &recovered, err) ||
        !journal_prepare_lock(journal, err))
        return false;
    if (journal->state.finished) {
        pend_late_result(journal);
        return take_over(journal, COMMIT_SETTLES, "run finished, recorded late", err) &&
               refuse_finished(journal, err);
    }
    AUTO(json_free) struct json *data = json_new_object();
    json_put_string(data, "state", "resumed");
    json_put_string(data, "plan", journal->state.plan);
    json_put_string(data, "actor", actor);
    json_put_int(data, "recovered", (int64_t)recovered);
    return note_taken_over(journal, err) &&
           journal_add(journal, &(struct journal_fact){ .type = JOURNAL_RUN_STARTED, .data = data },
                       err) &&
           take_over(journal, COMMIT_TAKES_LOCK, "run resumed", err);
}

const struct journal_state *journal_state(const struct journal *journal) {
    return &journal->state;
}

int64_t journal_took_over_epoch(const struct journal *journal) {
    return journal->took_over_epoch;
}

const char *journal_run(const struct journal *journal) {
    return journal->run;
}

int64_t journal_epoch(const struct journal *journal) {
    return journal->lock.epoch;
}
