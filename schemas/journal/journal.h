/* The journal of a run: entries chained by hash, and what they add up to. Everything here is pure;
 * executor/record/journal.h reads and writes the state repository.
 *
 * An entry's hash is sha256 of its canonical JSON, and each entry carries the one before it, so
 * that the chain survives an export or a rewrite of git history. `step` is the plan's step key
 * (replicate/start), which stays the same over plans; empty for entries about the run.
 *
 * What replay understands of `data` (everything else in it is for people and for the step):
 *   run_started    state: new | resumed; plan: digest
 *   step_started   state: do (or absent) | undo; the rest is the intent, with the values before
 *   step_finished  state: done | failed | undone
 *   gate           state: waiting | passed; gate: name
 *   cutover        state: intent | sending | confirmed | switch_started | lifted
 *   checkpoint     state: waiting | stopped | fence_missing | fence_reset | setting_back | ready;
 *                  with ready: what the ready hooks said; with stopped: class, exit_code; with
 * fence_missing: missing_ms; with setting_back: setting, node, refused drill          state:
 * started | measured | failed; with a marker before it: marking, with markers, then settings_stay |
 * settings_set_back (with set_back) | unmarked; changes nothing lock           state: taken_over |
 * broken | lost run_finished   class, exit_code, changed */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "schemas/base/digest.h"
#include "schemas/base/error.h"
#include "schemas/base/findings.h"
#include "schemas/base/language.h"
#include "schemas/base/strings.h"
#include "schemas/base/text.h"
#include "schemas/json/shape.h"

#define JOURNAL_ENTRY_CEILING_BYTES ((size_t)8 << 20)
#define JOURNAL_ENTRIES_MAX 1000000
/* prev of the first entry */
#define JOURNAL_NO_HASH "0000000000000000000000000000000000000000000000000000000000000000"

enum journal_type {
#define JOURNAL_TYPE(symbol, name, meaning) JOURNAL_##symbol,
#include "schemas/journal/entry_types.def"
#undef JOURNAL_TYPE
};
const char *journal_type_name(enum journal_type type); /* "step_started" */

struct journal_entry {
    int64_t seq; /* 1, 2, 3 … without a gap */
    char *prev;
    int64_t epoch; /* of the lock it was written under */
    char *ts;      /* ISO 8601 UTC with milliseconds */
    enum journal_type type;
    char *step;
    int64_t attempt; /* 1 …; 0 where it has no meaning */
    struct json *data;
    char hash[DIGEST_HEX_BYTES]; /* of the document it was read from; not in the document */
};
extern const struct shape journal_entry_shape;
int64_t
journal_entry_time(const struct journal_entry *entry); /* ts as wall time; 0: it is not one */

struct journal_entries {
    struct journal_entry *items;
    size_t count;
};

/* One document to an entry, hash included. `name` names it in errors. */
MUST_CHECK bool journal_parse(const void *bytes, size_t length, const char *name,
                              struct journal_entry *out, struct error *err);
/* The document (canonical, no newline) of an entry, whose hash is set; the caller frees. */
char *journal_write(struct journal_entry *entry);
char *journal_entry_file(const struct journal_entry *entry); /* "000007-gate.json"; caller frees */
/* seq gapless from 1, prev the hash before, epoch never falling. ERROR_FORMAT names the entry. */
MUST_CHECK bool journal_verify(const struct journal_entries *entries, struct error *err);
/* One line for people, as "replicate/start finished: done". */
void journal_describe(const struct journal_entry *entry, struct text *out);
void journal_entry_clear(struct journal_entry *entry);
AUTO_VALUE(struct journal_entry, journal_entry_clear)
void journal_entries_clear(struct journal_entries *entries);
AUTO_VALUE(struct journal_entries, journal_entries_clear)

/* ---- what the entries add up to ---- */

enum journal_progress {
    PROGRESS_NONE,    /* no entry */
    PROGRESS_STARTED, /* an intent without an outcome: observe */
    PROGRESS_DONE,
    PROGRESS_FAILED,
    PROGRESS_UNDOING, /* an intent to undo without an outcome */
    PROGRESS_UNDONE,
};
const char *journal_progress_name(enum journal_progress state); /* "done" */

struct journal_step {
    char *key;
    enum journal_progress state;
    int64_t attempts;      /* intents to do it */
    struct json *intent;   /* of the first attempt: the values before stand here, once */
    struct json *latest;   /* of the last intent */
    struct json *outcome;  /* of the last outcome, or NULL */
    int64_t started_at_ms; /* last intent; 0 before */
    int64_t ended_at_ms;   /* last outcome; 0 before */
};

enum journal_mark_id {
#define CUTOVER_MARK(symbol, name, sentence) JOURNAL_MARK_##symbol,
#include "schemas/journal/cutover_marks.def"
#undef CUTOVER_MARK
    JOURNAL_MARK_COUNT
};
const char *journal_mark_name(enum journal_mark_id mark);
const char *journal_mark_sentence(enum journal_mark_id mark);

struct journal_mark {
    int64_t count;             /* how often in this run */
    int64_t at_ms, seq, epoch; /* of the last time */
    struct json *first, *last;
};

struct journal_gate {
    char *name;
    bool passed;
    int64_t at_ms;
    struct json *data;
};

struct journal_state {
    struct {
        struct journal_step *items; /* in the order they first appear */
        size_t count;
    } steps;
    struct {
        struct journal_gate *items;
        size_t count;
    } gates;
    struct journal_mark marks[JOURNAL_MARK_COUNT];
    /* Where the open critical section stands: the last mark since the cutover began, as
     * JOURNAL_MARK_SENDING; JOURNAL_MARK_COUNT when none is open (never begun, or lifted).
     * switch_started is never left again. Recovery reads this first. */
    enum journal_mark_id cutover;
    bool drilling; /* a drill was begun, and nothing says that the writers were released */
    /* How often the fence was found missing and set again, and how long it was missing in total. */
    int64_t fence_missing_count, fence_missing_ms;
    struct {
        struct json **items; /* what the entries say of each time, the oldest first */
        size_t count;
    } fence_missing, fence_resets; /* resets: counters of a shard right after it was set again */
    /* Settings that went back to their values from before the run and were set again; none after
     * the run was stopped for it. */
    struct {
        struct journal_setting_back {
            char *setting, *node;
            int64_t at_ms; /* the first time */
        } * items;
        size_t count;
    } settings_back;
    /* What a drill set as markers and has not taken off: "HOST:PORT" -> setting, before, set; NULL
     * when none may stand (marker_ended: an entry says so). */
    struct json *markers;
    bool marker_ended;
    /* "HOST:PORT name" of what somebody else set, the fence included, since a drill last saw that
     * the settings stay (settings_stay: it did). */
    struct strings set_by_others;
    bool settings_stay;
    struct json *ready;             /* what the ready hooks said last; NULL: they were not asked */
    int64_t ready_seq, ready_epoch; /* of that entry */
    char *plan;                     /* digest, from run_started */
    bool finished;                  /* run_finished was written */
    char *class; /* of run_finished, or of the last stop; NULL while running or after a crash */
    int64_t exit_code; /* with class */
    int64_t first_epoch, epoch;
    int64_t started_at_ms, last_at_ms;
    int64_t last_seq;            /* 0 before the first entry */
    char head[DIGEST_HEX_BYTES]; /* hash of the last entry, JOURNAL_NO_HASH before the first */
    /* Hash of the last entry that changed what is known of the run: what a plan is based on. A
     * drill, and a process that came and went, leave it where it was. */
    char base[DIGEST_HEX_BYTES];
};

void journal_state_init(struct journal_state *state);
/* Applies the next entry. ERROR_FORMAT (and nothing applied) when it does not follow. */
MUST_CHECK bool journal_state_add(struct journal_state *state, const struct journal_entry *entry,
                                  struct error *err);
/* All of them into an initialized state. */
MUST_CHECK bool journal_replay(const struct journal_entries *entries, struct journal_state *out,
                               struct error *err);
const struct journal_step *journal_step_find(const struct journal_state *state, const char *key);
enum journal_progress journal_progress_of(const struct journal_state *state, const char *key);
/* 0: never. */
int64_t journal_setting_back_at(const struct journal_state *state, const char *setting,
                                const char *node);
const struct journal_gate *journal_gate_find(const struct journal_state *state, const char *name);
void journal_state_clear(struct journal_state *state);
AUTO_VALUE(struct journal_state, journal_state_clear)
