/* What has happened already must be recorded: an unreachable repository is waited for. */
#include <string.h>

#include "executor/moment.h"
#include "executor/record/inside.h"
#include "schemas/base/clock.h"
#include "schemas/base/memory.h"
#include "schemas/base/units.h"

#define FIRST_PAUSE_MS 1000
#define LAST_PAUSE_MS (30 * 1000)
#define LOOK_MS 500 /* for the wish to stop */

/* A lock that is lost and a history that was rewritten do not come back. */
static bool is_away(const struct error *err) {
    return err->code != ERROR_LOCK_LOST && err->code != ERROR_STALE;
}

/* Between holding the writers and the switch only the section's own deadline counts. */
static bool is_hurried(const struct journal *journal) {
    enum journal_mark_id mark = journal->state.cutover;
    bool in_section = mark != JOURNAL_MARK_COUNT && mark != JOURNAL_MARK_SWITCH_STARTED;
    return in_section ? stop_insisted(journal->patience.stop) : stop_wanted(journal->patience.stop);
}

static int64_t away_ends_mono_ms(const struct journal *journal) {
    return journal->away_since_mono_ms + moment_span_ms(JOURNAL_AWAY_MS);
}

static void say(const struct journal *journal, const struct error *err) {
    int64_t left_ms = away_ends_mono_ms(journal) - clock_mono_ms();
    if (!journal->patience.say || left_ms <= 0)
        return;
    AUTO(string_free) char *left = units_duration(left_ms);
    AUTO(string_free)
    char *words = xasprintf("waiting up to %s for the state repository, to record what happened: "
                            "%s",
                            left, err->message);
    journal->patience.say(journal->patience.context, words);
}

bool journal_keep_uncommitted(struct journal *journal, struct error *err) {
    AUTO(error_clear) struct error unkept = { 0 };
    if (!local_journal_sync(&journal->local, &unkept))
        error_wrap(err, "%s", unkept.message);
    return false;
}

/* Until the next try; false when there is none. */
static bool wait_for_repository(const struct journal *journal, int64_t pause_ms) {
    int64_t now_mono_ms = clock_mono_ms(), next_mono_ms = now_mono_ms + moment_span_ms(pause_ms);
    int64_t ends_mono_ms = away_ends_mono_ms(journal);
    if (!journal->patient || now_mono_ms >= ends_mono_ms)
        return false;
    if (next_mono_ms > ends_mono_ms)
        next_mono_ms = ends_mono_ms; /* the last try is at the very end */
    while (!is_hurried(journal)) {
        int64_t left_ms = next_mono_ms - clock_mono_ms();
        if (left_ms <= 0)
            return true;
        clock_sleep_ms(left_ms < LOOK_MS ? left_ms : LOOK_MS);
    }
    return false;
}

bool journal_insist(struct journal *journal, enum commit_kind kind, const char *subject,
                    struct error *err) {
    int64_t pause_ms = FIRST_PAUSE_MS, said_mono_ms = 0;
    while (!journal_commit_pending(journal, kind, subject, err)) {
        int64_t now_mono_ms = clock_mono_ms();
        if (!is_away(err))
            return false;
        if (!said_mono_ms)
            (void)journal_keep_uncommitted(journal, err);
        if (!journal->away_since_mono_ms)
            journal->away_since_mono_ms = now_mono_ms;
        if (!said_mono_ms || now_mono_ms - said_mono_ms >= LAST_PAUSE_MS) {
            said_mono_ms = now_mono_ms;
            say(journal, err);
        }
        if (!wait_for_repository(journal, pause_ms)) {
            bool aborted = journal->patient && stop_insisted(journal->patience.stop);
            err->code = aborted ? ERROR_ABORTED : ERROR_NOT_RECORDED;
            return false;
        }
        error_clear(err);
        pause_ms = 2 * pause_ms < LAST_PAUSE_MS ? 2 * pause_ms : LAST_PAUSE_MS;
    }
    return true;
}

bool journal_commit_outcome(struct journal *journal, const char *subject, struct error *err) {
    return journal_may_write(journal, err) &&
           journal_insist(journal, COMMIT_RENEWS_LOCK, subject, err);
}

bool journal_insist_lock(struct journal *journal, struct error *err) {
    return journal_commit_outcome(journal, "lock confirmed", err);
}

bool journal_renew_lock(struct journal *journal, struct error *err) {
    int64_t now_mono_ms = clock_mono_ms();
    if (journal->away_since_mono_ms &&
        now_mono_ms - journal->renewal_tried_mono_ms < moment_span_ms(LAST_PAUSE_MS))
        return true;
    if (journal_confirm_lock(journal, JOURNAL_RENEW_MS, err))
        return true;
    if (!is_away(err))
        return false;
    journal->renewal_tried_mono_ms = now_mono_ms;
    if (!journal->away_since_mono_ms)
        journal->away_since_mono_ms = now_mono_ms;
    if (now_mono_ms < away_ends_mono_ms(journal)) {
        say(journal, err);
        error_clear(err);
        return true;
    }
    err->code = ERROR_NOT_RECORDED;
    return false;
}
