#include <stdlib.h>
#include <string.h>

#include "executor/moment.h"
#include "executor/record/inside.h"
#include "schemas/base/clock.h"
#include "schemas/base/memory.h"

#define CONFLICT_TRIES 50
#define CONFLICT_WAIT_MS 20

static char *write_lock(struct journal *journal) {
    char until[CLOCK_TEXT_BYTES];
    clock_format(clock_wall_ms() + moment_span_ms(JOURNAL_LOCK_MS), until);
    string_replace(&journal->lock.expires_at, until);
    AUTO(json_free) struct json *document = shape_write(&lock_record_shape, &journal->lock);
    AUTO(string_free) char *words = json_write(document, JSON_PRETTY);
    return xasprintf("%s\n", words);
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
    journal_forget_pending(journal);
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

bool journal_commit(struct journal *journal, const char *subject, struct error *err) {
    return journal_may_write(journal, err) &&
           journal_commit_pending(journal, COMMIT_RENEWS_LOCK, subject, err);
}

bool journal_confirm_lock(struct journal *journal, int64_t oldest_ms, struct error *err) {
    if (!journal_may_write(journal, err))
        return false;
    if (oldest_ms > 0 && clock_boot_ms() - journal->confirmed_boot_ms < moment_span_ms(oldest_ms))
        return true;
    return journal_commit_pending(journal, COMMIT_RENEWS_LOCK, "lock confirmed", err);
}
