#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "executor/record/inside.h"
#include "schemas/base/clock.h"
#include "schemas/base/memory.h"

static bool last_entry_epoch(struct gitstore *store, const char *migration, const char *run,
                             int64_t *epoch, struct error *err) {
    AUTO(string_free) char *folder = migration_path(migration, "runs/%s/journal", run);
    AUTO(strings_clear) struct strings names = { 0 };
    AUTO(text_clear) struct text bytes = { 0 };
    AUTO(journal_entry_clear) struct journal_entry entry = { 0 };
    if (!gitstore_list(store, folder, &names, err))
        return false;
    if (names.count == 0)
        return true;
    const char *last = names.items[names.count - 1];
    AUTO(string_free) char *path = xasprintf("%s/%s", folder, last);
    if (!gitstore_read(store, path, &bytes, err) ||
        !journal_parse(text_string(&bytes), bytes.length, path, &entry, err))
        return false;
    if (entry.epoch > *epoch)
        *epoch = entry.epoch;
    return true;
}

/* The highest epoch that any entry or lock of the migration carries; 0 for none. */
static bool journal_last_epoch(struct gitstore *store, const char *migration, int64_t *epoch,
                               struct error *err) {
    AUTO(string_free) char *folder = migration_path(migration, "runs");
    AUTO(strings_clear) struct strings runs = { 0 };
    AUTO(lock_record_clear) struct lock_record lock = { 0 };
    AUTO(error_clear) struct error absent = { 0 };
    int64_t highest = 0;
    if (!gitstore_list(store, folder, &runs, err))
        return false;
    for (size_t i = 0; i < runs.count; i++) {
        if (!last_entry_epoch(store, migration, runs.items[i], &highest, err))
            return false;
    }
    if (journal_read_lock(store, migration, &lock, &absent)) {
        if (lock.epoch > highest)
            highest = lock.epoch;
    } else if (absent.code != ERROR_NOT_FOUND) {
        error_move(err, &absent);
        return false;
    }
    *epoch = highest;
    return true;
}

bool journal_prepare_lock(struct journal *journal, struct error *err) {
    char now[CLOCK_TEXT_BYTES];
    int64_t epoch;
    if (!journal_last_epoch(journal->store, journal->migration, &epoch, err))
        return false;
    if (journal->state.epoch > epoch)
        epoch = journal->state.epoch; /* of entries that were never committed */
    clock_format(clock_wall_ms(), now);
    lock_record_clear(&journal->lock);
    journal->lock.nonce = random_hex(16);
    journal->lock.epoch = epoch + 1;
    journal->lock.run = xstrdup(journal->run);
    journal->lock.holder = xstrdup(journal->holder);
    journal->lock.acquired_at = xstrdup(now);
    journal->lock.expires_at = xstrdup(now);
    journal->lock.machine = journal->machine.identity;
    journal->lock.machine.boot_id = xstrdup(journal->machine.identity.boot_id);
    return true;
}

bool journal_check_ours(struct journal *journal, struct error *err) {
    AUTO(lock_record_clear) struct lock_record lock = { 0 };
    AUTO(error_clear) struct error absent = { 0 };
    bool present = journal_read_lock(journal->store, journal->migration, &lock, &absent);
    if (!present && absent.code != ERROR_NOT_FOUND && absent.code != ERROR_FORMAT) {
        error_move(err, &absent);
        return false;
    }
    if (present && lock.epoch == journal->lock.epoch &&
        strcmp(lock.nonce, journal->lock.nonce) == 0)
        return true;
    journal->lock_lost = true;
    if (!present)
        error_set(err, ERROR_LOCK_LOST, "the lock of this run is gone");
    else
        error_set(err, ERROR_LOCK_LOST, "the lock of this run was taken by '%s' for run %s",
                  lock.holder, lock.run);
    return error_hint(err, "nothing more was done here; see who holds it: ecmig status FILE");
}
