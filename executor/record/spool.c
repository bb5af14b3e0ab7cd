#include "executor/record/spool.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "executor/record/inside.h"
#include "schemas/base/clock.h"
#include "schemas/base/files.h"
#include "schemas/base/memory.h"

#define CONFLICT_TRIES 50

/* ---- out of a run ---- */

static void take_pending(const struct pending_file *file, const char *folder, struct spool *out) {
    static const char entries[] = "journal/";
    AUTO(error_clear) struct error impossible = { 0 };
    const char *name = file->path + strlen(folder);
    if (strncmp(file->path, folder, strlen(folder)) != 0)
        return;
    if (strncmp(name, entries, strlen(entries)) == 0) {
        struct journal_entry entry = { 0 };
        if (journal_parse(file->bytes, file->length, name, &entry, &impossible))
            *LIST_ADD(&out->entries) = entry;
    } else if (file->length <= SPOOL_FILE_CEILING_BYTES) {
        *LIST_ADD(&out->files) =
            (struct spool_file){ xstrdup(name), xstrndup(file->bytes, file->length) };
    }
}

static int by_seq(const void *left, const void *right) {
    const struct journal_entry *a = left, *b = right;
    return (a->seq > b->seq) - (a->seq < b->seq);
}

bool journal_spool(const struct journal *journal, struct spool *out) {
    AUTO(spool_clear) struct spool spool = { 0 };
    char now[CLOCK_TEXT_BYTES], lock[DIGEST_HEX_BYTES];
    if (!journal->run || !journal->lock.nonce || journal->lock_lost)
        return false;
    AUTO(string_free) char *folder = migration_path(journal->migration, "runs/%s/", journal->run);
    for (size_t i = 0; i < journal->pending.count; i++)
        take_pending(&journal->pending.items[i], folder, &spool);
    if (!spool.entries.count)
        return false;
    qsort(spool.entries.items, spool.entries.count, sizeof *spool.entries.items, by_seq);
    digest_sha256_hex(journal->lock.nonce, strlen(journal->lock.nonce), lock);
    clock_format(clock_wall_ms(), now);
    spool.migration = xstrdup(journal->migration);
    spool.run = xstrdup(journal->run);
    spool.epoch = journal->lock.epoch;
    spool.lock = xstrdup(lock);
    spool.holder = xstrdup(journal->holder);
    spool.after_seq = spool.entries.items[0].seq - 1;
    spool.after = xstrdup(spool.entries.items[0].prev);
    spool.written_at = xstrdup(now);
    *out = MOVE(spool);
    return true;
}

/* ---- into the record ---- */

/* *newest is the run that a spool must be of to be merged; the caller frees. */
static bool check_run(struct gitstore *store, const char *migration, const struct spool *spool,
                      char **newest, struct error *err) {
    AUTO(run_summaries_clear) struct run_summaries runs = { 0 };
    if (strcmp(spool->migration, migration) != 0)
        return error_set(err, ERROR_BLOCKED, "the spool belongs to migration '%s', not to '%s'",
                         spool->migration, migration);
    if (!journal_history(store, migration, &runs, err))
        return false;
    for (size_t i = 0; i < runs.count; i++) {
        if (strcmp(runs.items[i].run, spool->run) != 0)
            continue;
        *newest = xstrdup(runs.items[0].run);
        return true;
    }
    error_set(err, ERROR_BLOCKED,
              "the spool belongs to run %s, which the state repository does not have", spool->run);
    return error_hint(err, "use the migration file of the job that printed it, or its --state");
}

/* A run that was given up is never continued. */
static bool check_newest(const struct spool *spool, const char *newest, struct error *err) {
    if (strcmp(newest, spool->run) == 0)
        return true;
    error_set(err, ERROR_BLOCKED, "the spool belongs to run %s, but run %s came after it",
              spool->run, newest);
    return error_hint(err, "it is no longer needed: put it aside");
}

static const struct journal_entry *entry_at(const struct journal_entries *entries, int64_t seq) {
    return seq >= 1 && seq <= (int64_t)entries->count ? &entries->items[seq - 1] : NULL;
}

/* The first entry of the spool that the chain lacks. */
static bool compare_chain(const struct journal_entries *chain, const struct spool *spool,
                          size_t *known, struct error *err) {
    const struct journal_entry *after = entry_at(chain, spool->after_seq);
    const char *head = after ? after->hash : JOURNAL_NO_HASH;
    size_t count = 0;
    if ((int64_t)chain->count < spool->after_seq) {
        error_set(err, ERROR_BLOCKED,
                  "the spool continues after entry %" PRId64
                  ", but the record of run %s ends at entry %zu",
                  spool->after_seq, spool->run, chain->count);
        return error_hint(err, "merge an earlier spool of the run first, or check whether the job "
                               "used this repository");
    }
    if (strcmp(head, spool->after) != 0)
        return error_set(err, ERROR_BLOCKED,
                         "the spool does not belong to this chain: entry %" PRId64
                         " of run %s is a different one here",
                         spool->after_seq, spool->run);
    for (; count < spool->entries.count; count++) {
        const struct journal_entry *entry = &spool->entries.items[count],
                                   *there = entry_at(chain, entry->seq);
        if (!there || strcmp(there->hash, entry->hash) != 0)
            break;
    }
    *known = count;
    return true;
}

/* The chain has an entry where the spool has another one. */
static bool refuse_passed(const struct journal_entry *there, const struct spool *spool,
                          struct error *err) {
    if (there->epoch > spool->epoch)
        error_set(err, ERROR_LOCK_LOST,
                  "the lock that the spool was written under was taken over: entry %" PRId64
                  " of run %s was written by a later holder, which acted on its own observation",
                  there->seq, spool->run);
    else
        error_set(err, ERROR_STALE,
                  "the spool is older than the record: run %s continued at entry %" PRId64
                  " without it",
                  spool->run, there->seq);
    return error_hint(err, "it is no longer needed: put it aside");
}

static bool check_lock(struct gitstore *store, const char *migration, const struct spool *spool,
                       struct error *err) {
    AUTO(lock_record_clear) struct lock_record lock = { 0 };
    AUTO(error_clear) struct error absent = { 0 };
    char digest[DIGEST_HEX_BYTES] = "";
    if (journal_read_lock(store, migration, &lock, &absent)) {
        digest_sha256_hex(lock.nonce, strlen(lock.nonce), digest);
    } else if (absent.code != ERROR_NOT_FOUND) {
        error_move(err, &absent);
        return false;
    }
    if (lock.nonce && lock.epoch == spool->epoch && strcmp(digest, spool->lock) == 0)
        return true;
    error_set(err, ERROR_LOCK_LOST,
              "the lock that the spool was written under is %s%s: it cannot be merged",
              lock.nonce ? "held by " : "gone", lock.nonce ? lock.holder : "");
    return error_hint(err, "apply resumes by what it observes; put the spool aside");
}

static bool look(const struct journal_reading *reading, const struct spool *spool,
                 struct journal_run_files *files, size_t *known, struct error *err) {
    AUTO(string_free) char *newest = NULL;
    struct gitstore *store = reading->store;
    const char *migration = reading->migration;
    if (!check_run(store, migration, spool, &newest, err) ||
        !journal_read_run(store, migration, spool->run, files, err) ||
        !compare_chain(&files->entries, spool, known, err))
        return false;
    if (*known == spool->entries.count)
        return true;
    const struct journal_entry *there = entry_at(&files->entries, spool->entries.items[*known].seq);
    if (there)
        return refuse_passed(there, spool, err);
    return check_newest(spool, newest, err) && check_lock(store, migration, spool, err);
}

bool spool_lacking(const struct journal_reading *reading, const struct spool *spool, size_t *count,
                   struct error *err) {
    AUTO(journal_run_files_clear) struct journal_run_files files = { 0 };
    size_t known = 0;
    if (!look(reading, spool, &files, &known, err))
        return false;
    *count = spool->entries.count - known;
    return true;
}

struct merge {
    struct gitstore_change *changes;
    size_t count;
    struct strings owned; /* what the changes point to */
};

static void merge_clear(struct merge *merge) {
    strings_clear(&merge->owned);
    free(merge->changes);
}
AUTO_VALUE(struct merge, merge_clear)

/* Takes both over; without bytes the path goes. */
static void change(struct merge *merge, char *path, char *bytes) {
    *LIST_ADD(&merge->owned) = path;
    if (bytes)
        *LIST_ADD(&merge->owned) = bytes;
    merge->changes[merge->count++] =
        (struct gitstore_change){ path, bytes, bytes ? strlen(bytes) : 0 };
}

/* What it would make of the record is judged before it is there: nobody takes a commit back. */
static bool may_be_merged(const struct journal_reading *reading, const struct spool *spool,
                          const struct merge *merge, const char *message, struct error *err) {
    AUTO(error_clear) struct error spoiled = { 0 };
    if (!gitstore_preview(reading->store, merge->changes, merge->count, message, err))
        return false;
    bool trusted = journal_trust(reading, spool->run, &spoiled);
    gitstore_preview_end(reading->store);
    if (trusted)
        return true;
    if (spoiled.code != ERROR_BLOCKED) {
        error_move(err, &spoiled);
        return false;
    }
    error_set(err, ERROR_BLOCKED, "the spool of run %s was altered: with it, %s", spool->run,
              spoiled.message);
    return error_hint(err, "merge the spool that the job printed (its log has it, too); nothing of "
                           "this one was recorded");
}

static void gather(struct merge *merge, const char *migration, const struct spool *spool,
                   size_t known) {
    size_t fresh = spool->entries.count - known;
    merge->changes = xcalloc(fresh + spool->files.count + 1, sizeof *merge->changes);
    for (size_t i = known; i < spool->entries.count; i++) {
        AUTO(string_free) char *file = journal_entry_file(&spool->entries.items[i]);
        AUTO(string_free) char *line = journal_write(&spool->entries.items[i]);
        change(merge, migration_path(migration, "runs/%s/journal/%s", spool->run, file),
               xasprintf("%s\n", line));
    }
    for (size_t i = 0; i < spool->files.count; i++)
        change(merge,
               migration_path(migration, "runs/%s/%s", spool->run, spool->files.items[i].name),
               xstrdup(spool->files.items[i].text));
    change(merge, migration_path(migration, "lock.json"), NULL);
}

static bool merge_once(const struct journal_reading *reading, const struct spool *spool,
                       const char *who, size_t *count, struct error *err) {
    AUTO(journal_run_files_clear) struct journal_run_files files = { 0 };
    size_t known = 0;
    if (!look(reading, spool, &files, &known, err) || !journal_trust(reading, spool->run, err))
        return false;
    for (size_t i = known; i < spool->entries.count; i++) {
        if (!journal_state_add(&files.state, &spool->entries.items[i], err))
            return error_wrap(err, "the spool of run %s", spool->run);
    }
    *count = spool->entries.count - known;
    if (*count == 0)
        return true;
    AUTO(merge_clear) struct merge merge = { 0 };
    gather(&merge, reading->migration, spool, known);
    AUTO(string_free) char *subject = xasprintf("spool of %zu merged by %s", *count, who);
    AUTO(string_free)
    char *message = journal_message(reading->migration, spool->run, &files.state, subject);
    return may_be_merged(reading, spool, &merge, message, err) &&
           gitstore_commit(reading->store, merge.changes, merge.count, message, err);
}

bool spool_merge(const struct journal_reading *reading, const struct spool *spool, const char *who,
                 size_t *count, struct error *err) {
    for (int i = 1; !merge_once(reading, spool, who, count, err); i++) {
        if (err->code != ERROR_CONFLICT || i == CONFLICT_TRIES)
            return error_wrap(err, "the spool is not merged");
        error_clear(err);
        if (!gitstore_refresh(reading->store, err))
            return false;
        clock_sleep_ms(i);
    }
    return true;
}

bool spool_is_kept(struct gitstore *store, const struct spool *spool, bool *kept,
                   struct error *err) {
    AUTO(string_free) char *folder = NULL;
    AUTO(journal_entries_clear) struct journal_entries entries = { 0 };
    if (!gitstore_private_folder(store, &folder, err))
        return false;
    AUTO(string_free)
    char *path = xasprintf("%s/%s.%s.journal", folder, spool->migration, spool->run);
    const struct local_journal local = { .fd = -1, .path = path };
    *kept = false;
    if (!path_exists(path))
        return true;
    if (!local_journal_read(&local, &entries, err))
        return false;
    const char *last = spool->entries.items[spool->entries.count - 1].hash;
    for (size_t i = 0; i < entries.count; i++)
        *kept |= strcmp(entries.items[i].hash, last) == 0;
    return true;
}
