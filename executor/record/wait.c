#include <string.h>

#include "executor/moment.h"
#include "executor/record/inside.h"
#include "schemas/base/clock.h"
#include "schemas/base/memory.h"
#include "schemas/base/units.h"

#define POLL_MS 5000

static bool refuse(const struct lock_record *lock, int64_t expires_at_ms, struct error *err) {
    int64_t now_ms = clock_wall_ms(), acquired_at_ms = now_ms;
    if (!clock_parse(lock->acquired_at, &acquired_at_ms))
        acquired_at_ms = now_ms;
    AUTO(string_free)
    char *age = units_duration(now_ms > acquired_at_ms ? now_ms - acquired_at_ms : 0);
    bool expired = expires_at_ms < now_ms;
    AUTO(string_free)
    char *away = units_duration(expired ? now_ms - expires_at_ms : expires_at_ms - now_ms);
    error_set(err, ERROR_LOCKED, "the migration is locked by '%s' for run %s, since %s",
              lock->holder, lock->run, age);
    if (expired)
        return error_hint(err,
                          "it expired %s ago, at %s: it can be taken if it is not renewed during "
                          "six minutes of watching",
                          away, lock->expires_at);
    return error_hint(err, "wait for that run; unless it is renewed, the lock expires in %s, at %s",
                      away, lock->expires_at);
}

static bool same_lock(const struct lock_record *left, const struct lock_record *right) {
    return left->nonce && right->nonce && strcmp(left->nonce, right->nonce) == 0 &&
           strcmp(left->expires_at, right->expires_at) == 0;
}

/* *lock is filled in when it is somebody else's. */
static bool look(struct journal *journal, struct lock_record *lock, bool *expired,
                 struct error *err) {
    int64_t expires_at_ms = 0;
    AUTO(error_clear) struct error absent = { 0 };
    lock_record_clear(lock);
    *expired = false;
    if (!journal_read_lock(journal->store, journal->migration, lock, &absent)) {
        if (absent.code == ERROR_NOT_FOUND)
            return true;
        error_move(err, &absent);
        return false;
    }
    bool died_here = machine_lock_same(&journal->machine, &lock->machine);
    journal->took_over_epoch = died_here ? lock->epoch : 0;
    if (died_here)
        return true;
    if (!clock_parse(lock->expires_at, &expires_at_ms))
        return error_set(err, ERROR_FORMAT, "the lock does not say when it expires: '%s'",
                         lock->expires_at);
    *expired = expires_at_ms < clock_wall_ms();
    return (*expired && same_lock(lock, &journal->abandoned)) || refuse(lock, expires_at_ms, err);
}

bool journal_check_free(struct journal *journal, struct error *err) {
    AUTO(lock_record_clear) struct lock_record lock = { 0 };
    bool expired;
    return look(journal, &lock, &expired, err);
}

/* Only one process of this machine gets past here. */
static bool try_machine_lock(struct journal *journal, struct error *err) {
    AUTO(string_free) char *folder = NULL;
    AUTO(string_free) char *other = NULL;
    AUTO(error_clear) struct error found = { 0 };
    if (journal->machine.fd >= 0)
        return true;
    if (!gitstore_private_folder(journal->store, &folder, err))
        return false;
    AUTO(string_free) char *path = xasprintf("%s/%s.lock", folder, journal->migration);
    if (machine_lock_open(path, journal->holder, &journal->machine, &other, &found))
        return true;
    if (found.code != ERROR_LOCKED) {
        error_move(err, &found);
        return false;
    }
    /* lock.json says more, when the other has come that far. */
    if (!gitstore_refresh(journal->store, err) || !journal_check_free(journal, err))
        return false;
    error_set(err, ERROR_LOCKED, "migration '%s' is locked by '%s', on this machine",
              journal->migration, other ? other : "another ecmig");
    return error_hint(err, "wait for that process to end");
}

struct watch {
    struct lock_record lock; /* expired, and unchanged since */
    int64_t since_mono_ms;
};

/* A lock that expired and was not renewed for so long has no holder that renews. */
static void note_standstill(struct journal *journal, struct watch *watch, struct lock_record *lock,
                            bool expired) {
    int64_t now_mono_ms = clock_mono_ms();
    if (!expired || !same_lock(lock, &watch->lock)) {
        lock_record_clear(&watch->lock);
        watch->lock = MOVE(*lock);
        watch->since_mono_ms = now_mono_ms;
    } else if (now_mono_ms - watch->since_mono_ms >= moment_span_ms(JOURNAL_STANDSTILL_MS)) {
        lock_record_clear(&journal->abandoned);
        journal->abandoned = MOVE(*lock);
    }
}

/* Sleeps until the next look; false with what was in *err when patience is at its end. */
static bool wait_on(const struct journal_patience *patience, int64_t since_mono_ms, bool expired,
                    char **said, struct error *err) {
    int64_t now_mono_ms = clock_mono_ms();
    bool watching = expired && patience && patience->wait_ms < 0;
    int64_t poll_ms = moment_span_ms(POLL_MS);
    if (!patience || (!watching && now_mono_ms - since_mono_ms >= patience->wait_ms))
        return false;
    size_t who = strcspn(err->message, ","); /* its age changes with every look */
    if (patience->say && (!*said || strncmp(*said, err->message, who) != 0)) {
        AUTO(string_free)
        char *words = xasprintf("waiting: %s; %s", err->message, err->hint ? err->hint : "");
        patience->say(patience->context, words);
        string_replace(said, err->message);
    }
    stop_sleep(patience->stop, poll_ms > 0 ? poll_ms : 1);
    if (stop_wanted(patience->stop))
        return error_set(err, ERROR_INTERRUPTED, "%s", stop_reason(patience->stop));
    error_clear(err);
    return true;
}

bool journal_wait_free(struct journal *journal, const struct journal_patience *patience,
                       struct error *err) {
    int64_t since_mono_ms = clock_mono_ms();
    struct watch watch = { .since_mono_ms = since_mono_ms };
    AUTO(string_free) char *said = NULL;
    for (bool is_free = false; !is_free;) {
        AUTO(lock_record_clear) struct lock_record lock = { 0 };
        bool expired = false;
        is_free = try_machine_lock(journal, err) && gitstore_refresh(journal->store, err) &&
                  look(journal, &lock, &expired, err);
        if (!is_free && err->code == ERROR_LOCKED)
            note_standstill(journal, &watch, &lock, expired);
        if (!is_free &&
            (err->code != ERROR_LOCKED || !wait_on(patience, since_mono_ms, expired, &said, err))) {
            lock_record_clear(&watch.lock);
            return false;
        }
    }
    lock_record_clear(&watch.lock);
    return true;
}
