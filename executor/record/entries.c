/* Entries of the run that is open: added, committed, and the last one. */
#include <string.h>

#include "executor/moment.h"
#include "executor/record/inside.h"
#include "schemas/base/clock.h"
#include "schemas/base/digest.h"
#include "schemas/base/memory.h"

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
        return error_set(err, ERROR_REFUSED, "'%s' is not a file name of the run", name);
    char *path = migration_path(journal->migration, "runs/%s/%s", journal->run, name);
    journal_bind(journal, path, bytes, length);
    journal_pend(journal, path, bytes, length);
    if (hash)
        digest_sha256_hex(bytes, length, hash);
    return true;
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
