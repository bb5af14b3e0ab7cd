#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "executor/moment.h"
#include "executor/record/inside.h"
#include "schemas/base/clock.h"
#include "schemas/base/memory.h"

#define CONFLICT_TRIES 50
#define CONFLICT_WAIT_MS 20

void journal_pend(struct journal *journal, char *path, const void *bytes, size_t length) {
    struct pending_file *file = NULL;
    for (size_t i = 0; i < journal->pending.count && !file; i++) {
        if (strcmp(journal->pending.items[i].path, path) == 0)
            file = &journal->pending.items[i];
    }
    if (!file)
        file = LIST_ADD(&journal->pending);
    free(file->path);
    free(file->bytes);
    *file = (struct pending_file){ path, xstrndup(bytes, length), length };
}

static void journal_pend_shape(struct journal *journal, char *path, const struct shape *shape,
                               const void *object) {
    AUTO(json_free) struct json *document = shape_write(shape, object);
    AUTO(string_free) char *words = json_write(document, JSON_PRETTY);
    AUTO(string_free) char *line = xasprintf("%s\n", words);
    journal_pend(journal, path, line, strlen(line));
}

static void forget_pending(struct journal *journal) {
    for (size_t i = 0; i < journal->pending.count; i++) {
        free(journal->pending.items[i].path);
        free(journal->pending.items[i].bytes);
    }
    free(journal->pending.items);
    journal->pending.items = NULL;
    journal->pending.count = 0;
}

static char *write_lock(struct journal *journal) {
    char until[CLOCK_TEXT_BYTES];
    clock_format(clock_wall_ms() + moment_span_ms(JOURNAL_LOCK_MS), until);
    string_replace(&journal->lock.expires_at, until);
    AUTO(json_free) struct json *document = shape_write(&lock_record_shape, &journal->lock);
    AUTO(string_free) char *words = json_write(document, JSON_PRETTY);
    return xasprintf("%s\n", words);
}

char *journal_message(const char *migration, const char *run, const struct journal_state *state,
                      const char *subject) {
    return xasprintf(
        "ecmig(%s): %s\n\nEcmig-Run: %s\nEcmig-Seq: %" PRId64 "\nEcmig-Plan: %s\nEcmig-Entry: %s\n",
        migration, subject, run, state->last_seq, state->plan ? state->plan : "none", state->head);
}

static bool takes_lock(enum commit_kind kind) {
    return kind == COMMIT_TAKES_LOCK || kind == COMMIT_SETTLES;
}

static bool leaves_lock(enum commit_kind kind) {
    return kind == COMMIT_TAKES_LOCK || kind == COMMIT_RENEWS_LOCK;
}

static bool commit_once(struct journal *journal, enum commit_kind kind, const char *message,
                        struct error *err) {
    size_t count = journal->pending.count;
    struct gitstore_change *changes = xcalloc(count + 1, sizeof *changes);
    AUTO(string_free) char *lock_path = migration_path(journal->migration, "lock.json");
    AUTO(string_free) char *lock = leaves_lock(kind) ? write_lock(journal) : NULL;
    for (size_t i = 0; i < count; i++) {
        const struct pending_file *file = &journal->pending.items[i];
        changes[i] = (struct gitstore_change){ file->path, file->bytes, file->length };
    }
    changes[count] = (struct gitstore_change){ lock_path, lock, lock ? strlen(lock) : 0 };
    bool written = gitstore_commit(journal->store, changes, count + 1, message, err);
    free(changes);
    return written;
}

/* The branch may have been read again by others of this process since we looked. */
static bool still_ours(struct journal *journal, enum commit_kind kind, struct error *err) {
    return takes_lock(kind) || strcmp(journal->tip, gitstore_tip(journal->store)) == 0 ||
           journal_check_ours(journal, err);
}

static void committed(struct journal *journal, int64_t begun_boot_ms) {
    journal->confirmed_boot_ms = begun_boot_ms;
    journal->away_since_mono_ms = 0;
    strncpy(journal->tip, gitstore_tip(journal->store), sizeof journal->tip - 1);
    forget_pending(journal);
    local_journal_empty(&journal->local);
}

bool journal_commit_pending(struct journal *journal, enum commit_kind kind, const char *subject,
                            struct error *err) {
    AUTO(string_free)
    char *message = journal_message(journal->migration, journal->run, &journal->state, subject);
    if (!journal_sign_head(journal, err))
        return error_wrap(err, "the record cannot be signed");
    if (kind == COMMIT_RELEASES_LOCK)
        gitstore_hurry(journal->store, false);
    int tries = takes_lock(kind) ? 1 : CONFLICT_TRIES;
    for (int i = 1; i <= tries; i++) {
        if (!still_ours(journal, kind, err))
            return false;
        int64_t begun_boot_ms = clock_boot_ms();
        moment("before a commit");
        if (commit_once(journal, kind, message, err)) {
            moment("after a commit");
            committed(journal, begun_boot_ms);
            return true;
        }
        if (err->code != ERROR_CONFLICT || i == tries)
            return error_wrap(err, "the record cannot be committed");
        error_clear(err);
        if (!gitstore_refresh(journal->store, err))
            return false;
        clock_sleep_ms(i < CONFLICT_WAIT_MS ? i : CONFLICT_WAIT_MS);
    }
    return true;
}

bool journal_may_write(const struct journal *journal, struct error *err) {
    if (journal->lock_lost)
        return error_set(err, ERROR_LOCK_LOST, "the lock of this run was lost");
    if (!journal->run || !journal->lock.nonce || journal->finished)
        return error_set(err, ERROR_REFUSED, "no run is being recorded");
    return true;
}

static bool keep(struct journal *journal, const char *line, bool durable, struct error *err) {
    moment("before an entry");
    if (!local_journal_append(&journal->local, line, err))
        return error_wrap(err, "the journal entry cannot be kept");
    if (durable && !local_journal_sync(&journal->local, err)) {
        local_journal_drop_last(&journal->local, line);
        return error_wrap(err, "the journal entry cannot be kept");
    }
    moment("after an entry");
    return true;
}

static bool add(struct journal *journal, const struct journal_fact *fact, bool durable,
                struct error *err) {
    if (!journal_may_write(journal, err))
        return false;
    char now[CLOCK_TEXT_BYTES];
    clock_format(clock_wall_ms(), now);
    AUTO(journal_entry_clear)
    struct journal_entry entry = {
        .seq = journal->state.last_seq + 1,
        .prev = xstrdup(journal->state.head),
        .epoch = journal->lock.epoch,
        .ts = xstrdup(now),
        .type = fact->type,
        .step = xstrdup(fact->step ? fact->step : ""),
        .attempt = fact->attempt,
        .data = journal_name_files(journal, fact->data),
    };
    AUTO(string_free) char *line = journal_write(&entry);
    if (!keep(journal, line, durable, err))
        return false;
    if (!journal_state_add(&journal->state, &entry, err)) {
        local_journal_drop_last(&journal->local, line);
        return false;
    }
    pairs_clear(&journal->bound);
    AUTO(string_free) char *file = journal_entry_file(&entry);
    AUTO(string_free) char *document = xasprintf("%s\n", line);
    journal_pend(journal,
                 migration_path(journal->migration, "runs/%s/journal/%s", journal->run, file),
                 document, strlen(document));
    return true;
}

bool journal_add(struct journal *journal, const struct journal_fact *fact, struct error *err) {
    return add(journal, fact, true, err);
}

bool journal_attach(struct journal *journal, const char *name, const void *bytes, size_t length,
                    char hash[DIGEST_HEX_BYTES], struct error *err) {
    if (!journal_may_write(journal, err))
        return false;
    if (*name == '/' || strstr(name, ".."))
        return error_set(err, ERROR_REFUSED, "'%s' is no name of a file of the run", name);
    char *path = migration_path(journal->migration, "runs/%s/%s", journal->run, name);
    journal_bind(journal, path, bytes, length);
    journal_pend(journal, path, bytes, length);
    if (hash)
        digest_sha256_hex(bytes, length, hash);
    return true;
}

bool journal_commit(struct journal *journal, const char *subject, struct error *err) {
    return journal_may_write(journal, err) &&
           journal_commit_pending(journal, COMMIT_RENEWS_LOCK, subject, err);
}

bool journal_record(struct journal *journal, const char *subject, const struct journal_fact *fact,
                    struct error *err) {
    if (!add(journal, fact, false, err))
        return false;
    return journal_commit(journal, subject, err) || journal_keep_uncommitted(journal, err);
}

bool journal_record_outcome(struct journal *journal, const char *subject,
                            const struct journal_fact *fact, struct error *err) {
    if (add(journal, fact, false, err))
        return journal_commit_outcome(journal, subject, err);
    if (err->code != ERROR_LOCK_LOST)
        err->code = ERROR_NOT_RECORDED;
    return false;
}

bool journal_confirm_lock(struct journal *journal, int64_t oldest_ms, struct error *err) {
    if (!journal_may_write(journal, err))
        return false;
    if (oldest_ms > 0 && clock_boot_ms() - journal->confirmed_boot_ms < moment_span_ms(oldest_ms))
        return true;
    return journal_commit_pending(journal, COMMIT_RENEWS_LOCK, "lock confirmed", err);
}

static struct json *result_data(const struct run_result *result) {
    struct json *data = json_new_object();
    json_put_int(data, "exit_code", result->exit_code);
    json_put_string(data, "class", result->class);
    json_put_bool(data, "retryable", result->retryable);
    json_put_bool(data, "resumable", result->resumable);
    json_put_bool(data, "changed", result->changed);
    if (result->resumable)
        json_put_string(data, "state", "stopped");
    return data;
}

bool journal_finish(struct journal *journal, struct run_result *result, struct error *err) {
    if (!journal_may_write(journal, err))
        return false;
    AUTO(json_free) struct json *data = result_data(result);
    if (!journal_add(journal,
                     &(struct journal_fact){ .type = result->resumable ? JOURNAL_CHECKPOINT
                                                                       : JOURNAL_RUN_FINISHED,
                                             .data = data },
                     err))
        return false;
    string_replace(&result->digest, journal->state.plan);
    string_replace(&result->run, journal->run);
    string_replace(&result->head, journal->state.head);
    journal_pend_shape(journal,
                       migration_path(journal->migration, "runs/%s/result.json", journal->run),
                       &run_result_shape, result);
    AUTO(string_free)
    char *subject =
        xasprintf("run %s: %s", result->resumable ? "stopped" : "finished", result->class);
    if (!(result->changed ? journal_insist(journal, COMMIT_RELEASES_LOCK, subject, err)
                          : journal_commit_pending(journal, COMMIT_RELEASES_LOCK, subject, err)))
        return false;
    journal->finished = true;
    return true;
}
