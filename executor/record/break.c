#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "executor/record/inside.h"
#include "schemas/base/clock.h"
#include "schemas/base/memory.h"

#define CONFLICT_TRIES 50

bool journal_holder_died(struct gitstore *store, const char *migration,
                         const struct lock_record *lock) {
    AUTO(string_free) char *folder = NULL;
    AUTO(error_clear) struct error ignored = { 0 };
    if (!gitstore_private_folder(store, &folder, &ignored))
        return false;
    AUTO(string_free) char *path = xasprintf("%s/%s.lock", folder, migration);
    return machine_lock_left(path, &lock->machine);
}

/* A lock whose holder died here is free for apply, with all that the holder left on this machine;
 * breaking it would set that aside. */
static bool refuse_dead(struct gitstore *store, const char *migration,
                        const struct lock_record *lock, struct error *err) {
    if (!journal_holder_died(store, migration, lock))
        return true;
    error_set(err, ERROR_REFUSED, "the holder of the lock died on this machine");
    return error_hint(err, "there is nothing to break: run 'ecmig apply' again to resume");
}

static bool find_lock(struct gitstore *store, const char *migration, const char *nonce,
                      struct lock_record *out, struct error *err) {
    if (!journal_read_lock(store, migration, out, err)) {
        if (err->code == ERROR_NOT_FOUND) {
            error_set(err, ERROR_NOT_FOUND, "the migration '%s' is not locked", migration);
            return error_hint(err, "nothing prevents 'ecmig apply' from running");
        }
        return false;
    }
    if (strcmp(out->nonce, nonce) == 0)
        return true;
    return error_set(err, ERROR_REFUSED,
                     "the lock has a different nonce: it is held by '%s' for run %s", out->holder,
                     out->run);
}

struct broken { /* the files that the commit adds */
    char *path, *entry;
    char *signature_path, *signature;
    char hash[DIGEST_HEX_BYTES];
};

static void broken_clear(struct broken *broken) {
    free(broken->path);
    free(broken->entry);
    free(broken->signature_path);
    free(broken->signature);
}
AUTO_VALUE(struct broken, broken_clear)

static void write_entry(const struct journal_run_files *files, const char *migration,
                        const struct lock_record *lock, const struct journal_breaking *breaking,
                        struct broken *out) {
    char now[CLOCK_TEXT_BYTES];
    struct json *data = json_new_object();
    clock_format(clock_wall_ms(), now);
    json_put_string(data, "state", "broken");
    json_put_string(data, "who", breaking->who);
    json_put_string(data, "reason", breaking->reason);
    json_put_string(data, "holder", lock->holder);
    json_put_string(data, "expires_at", lock->expires_at);
    AUTO(journal_entry_clear)
    struct journal_entry entry = {
        .seq = files->state.last_seq + 1,
        .prev = xstrdup(files->state.head),
        .epoch = lock->epoch + 1,
        .ts = xstrdup(now),
        .type = JOURNAL_LOCK,
        .step = xstrdup(""),
        .data = data,
    };
    AUTO(string_free) char *line = journal_write(&entry);
    AUTO(string_free) char *file = journal_entry_file(&entry);
    memcpy(out->hash, entry.hash, sizeof entry.hash);
    out->path = migration_path(migration, "runs/%s/journal/%s", lock->run, file);
    out->entry = xasprintf("%s\n", line);
}

static bool sign_entry(struct gitstore *store, const char *migration,
                       const struct signed_entry *entry, const struct signing_key *signer,
                       struct broken *out, struct error *err) {
    AUTO(string_free) char *record = NULL;
    if (!signer || !signer->key)
        return true;
    if (!gitstore_root(store, &record, err))
        return false;
    const struct signed_entry whole = { migration, record, entry->run, entry->seq, out->hash };
    return journal_entry_signature(signer, &whole, &out->signature_path, &out->signature, err);
}

static bool break_once(struct gitstore *store, const char *migration,
                       const struct journal_breaking *breaking, struct error *err) {
    AUTO(lock_record_clear) struct lock_record lock = { 0 };
    AUTO(journal_run_files_clear) struct journal_run_files files = { 0 };
    AUTO(broken_clear) struct broken broken = { 0 };
    const struct journal_reading reading = { store, migration, breaking->keys };
    if (!find_lock(store, migration, breaking->nonce, &lock, err) ||
        !refuse_dead(store, migration, &lock, err) || !journal_trust(&reading, lock.run, err) ||
        !journal_read_run(store, migration, lock.run, &files, err))
        return false;
    write_entry(&files, migration, &lock, breaking, &broken);
    const struct signed_entry entry = { .run = lock.run, .seq = files.state.last_seq + 1 };
    if (!sign_entry(store, migration, &entry, breaking->signer, &broken, err))
        return false;
    AUTO(string_free) char *lock_path = migration_path(migration, "lock.json");
    AUTO(string_free)
    char *message = xasprintf("ecmig(%s): lock broken by %s\n\nEcmig-Run: %s\nEcmig-Seq: %" PRId64
                              "\nEcmig-Plan: %s\nEcmig-Entry: %s\n",
                              migration, breaking->who, lock.run, files.state.last_seq + 1,
                              files.state.plan ? files.state.plan : "none", broken.hash);
    const struct gitstore_change changes[] = {
        { broken.path, broken.entry, strlen(broken.entry) },
        { lock_path, NULL, 0 },
        { broken.signature_path, broken.signature, broken.signature ? strlen(broken.signature) : 0 }
    };
    size_t count = COUNT(changes) - (broken.signature ? 0 : 1);
    return gitstore_commit(store, changes, count, message, err);
}

bool journal_break_lock(struct gitstore *store, const char *migration,
                        const struct journal_breaking *breaking, struct error *err) {
    for (int i = 1; !break_once(store, migration, breaking, err); i++) {
        if (err->code != ERROR_CONFLICT || i == CONFLICT_TRIES)
            return error_wrap(err, "the lock is not broken");
        error_clear(err);
        if (!gitstore_refresh(store, err))
            return false;
        clock_sleep_ms(i);
    }
    return true;
}
