#include "executor/verify/counts.h"

#include <stdlib.h>
#include <string.h>

#include "executor/verify/rows.h"
#include "schemas/base/clock.h"
#include "schemas/base/memory.h"

#define ATTEMPT_COUNT 20
#define ATTEMPT_DELAY_MS 20
#define SAME_SIDE_COUNT 8 /* looks in a row, without one that was right or on the other side */

/* One database over the attempts. A count that goes up and down may be missed by any one pair of
 * counts around it; one that is on the same side every time is wrong. */
struct tally {
    int below, above, looks;
};

struct attempt {
    struct snapshot before, after; /* of the source; the same when detached */
    struct snapshot target;
};

static void attempt_clear(struct attempt *attempt) {
    snapshot_clear(&attempt->before);
    snapshot_clear(&attempt->target);
    snapshot_clear(&attempt->after);
}
AUTO_VALUE(struct attempt, attempt_clear)

static int64_t least(int64_t one, int64_t two) {
    return one < two ? one : two;
}

static int64_t most(int64_t one, int64_t two) {
    return one > two ? one : two;
}

/* How far the value lies outside of the two, below (negative) or above; 0 inside. */
static int64_t outside(int64_t value, int64_t one, int64_t two) {
    int64_t low = least(one, two), high = most(one, two);
    return value < low ? value - low : value > high ? value - high : 0;
}

/* What is left of a difference once up to `allowed` of it is explained. */
static int64_t beyond(int64_t difference, int64_t allowed, int64_t *explained) {
    int64_t size = difference < 0 ? -difference : difference;
    *explained = most(*explained, least(size, allowed));
    if (size <= allowed)
        return 0;
    return difference < 0 ? difference + allowed : difference - allowed;
}

static void judge(struct verify_database *row, struct tally *tally, int64_t keys_off,
                  int64_t expires_off) {
    int64_t off = keys_off ? keys_off : expires_off;
    tally->looks++;
    tally->below += off < 0;
    tally->above += off > 0;
    row->verdict = off == 0                                                       ? VERDICT_EQUAL
                   : tally->below == tally->looks || tally->above == tally->looks ? VERDICT_MISMATCH
                                                                                  : VERDICT_OPEN;
}

static void judge_following(struct verify_database *row, struct tally *tally,
                            const struct attempt *attempt) {
    struct keyspace_row before = keyspace_row(&attempt->before, row->database);
    struct keyspace_row target = keyspace_row(&attempt->target, row->database);
    struct keyspace_row after = keyspace_row(&attempt->after, row->database);
    int64_t ended = attempt->after.expired_keys - attempt->before.expired_keys +
                    attempt->after.evicted_keys - attempt->before.evicted_keys;
    row->explained = 0;
    judge(row, tally, beyond(outside(target.keys, before.keys, after.keys), ended, &row->explained),
          beyond(outside(target.expires, before.expires, after.expires), ended, &row->explained));
}

/* Each side ends its own keys now. Those without an expiry do not end, but by eviction. */
static void judge_detached(struct verify_database *row, struct tally *tally,
                           const struct attempt *attempt) {
    struct keyspace_row source = keyspace_row(&attempt->before, row->database);
    struct keyspace_row target = keyspace_row(&attempt->target, row->database);
    int64_t lasting = (target.keys - target.expires) - (source.keys - source.expires);
    int64_t ending = target.expires - source.expires;
    int64_t evicted = lasting < 0 ? attempt->target.evicted_keys : attempt->before.evicted_keys;
    int64_t expired = ending < 0 ? attempt->target.expired_keys : attempt->before.expired_keys;
    int64_t of_lasting = 0, of_ending = 0;
    int64_t lasting_off = beyond(lasting, evicted, &of_lasting);
    int64_t ending_off = beyond(ending, expired + evicted, &of_ending);
    row->explained = of_lasting + of_ending;
    judge(row, tally, lasting_off, ending_off);
}

struct tallies {
    struct tally *items;
    size_t count;
};

static void tallies_clear(struct tallies *tallies) {
    free(tallies->items);
}
AUTO_VALUE(struct tallies, tallies_clear)

/* A row and its tally for each database that a snapshot shows. */
static void add_rows(struct verify_databases *rows, struct tallies *tallies,
                     const struct snapshot *snapshot) {
    for (size_t i = 0; i < snapshot->keyspace.count; i++) {
        size_t at, before = rows->count;
        struct verify_database *row = rows_have(rows, snapshot->keyspace.items[i].database, &at);
        if (rows->count == before)
            continue;
        row->verdict = VERDICT_OPEN;
        (void)LIST_ADD(tallies);
        memmove(&tallies->items[at + 1], &tallies->items[at],
                (tallies->count - 1 - at) * sizeof *tallies->items);
        tallies->items[at] = (struct tally){ 0 };
    }
}

static bool attempt_make(const struct verify_options *options, struct attempt *attempt,
                         struct error *err) {
    if (options->detached)
        return snapshot_take_both(options, &attempt->before, &attempt->target, err);
    return snapshot_take(options->source, options->deadline_mono_ms, &attempt->before, err) &&
           snapshot_when_caught_up(options, attempt->before.replid, attempt->before.offset,
                                   &attempt->target, err) &&
           snapshot_take_source(options, attempt->target.offset, &attempt->after, err);
}

static void attempt_record(const struct verify_options *options, const struct attempt *attempt,
                           struct verify_result *result) {
    result->source_offset = options->detached ? -1 : attempt->before.offset;
    result->target_offset = options->detached ? -1 : attempt->target.offset;
    result->evicted_keys = attempt->target.evicted_keys;
}

static bool is_settled(const struct verify_database *row, const struct tally *tally) {
    return tally->looks > 0 &&
           (row->verdict == VERDICT_EQUAL ||
            (row->verdict == VERDICT_MISMATCH && tally->looks >= SAME_SIDE_COUNT));
}

/* Judges the databases that are not settled yet; the number of those left. */
static size_t attempt_judge(const struct verify_options *options, const struct attempt *attempt,
                            struct verify_databases *rows, struct tally *tallies) {
    size_t open = 0;
    for (size_t i = 0; i < rows->count; i++) {
        struct verify_database *row = &rows->items[i];
        if (is_settled(row, &tallies[i]))
            continue;
        row->source_keys = keyspace_row(&attempt->before, row->database).keys;
        row->source_expires = keyspace_row(&attempt->before, row->database).expires;
        row->target_keys = keyspace_row(&attempt->target, row->database).keys;
        row->target_expires = keyspace_row(&attempt->target, row->database).expires;
        if (options->detached)
            judge_detached(row, &tallies[i], attempt);
        else
            judge_following(row, &tallies[i], attempt);
        open += !is_settled(row, &tallies[i]);
    }
    return open;
}

bool counts_compare(const struct verify_options *options, struct verify_result *result,
                    struct error *err) {
    AUTO(tallies_clear) struct tallies tallies = { 0 };
    for (int i = 0; i < ATTEMPT_COUNT; i++) {
        AUTO(attempt_clear) struct attempt attempt = { 0 };
        if (!verify_go_on(options, 0, 0, err) || !attempt_make(options, &attempt, err))
            return false;
        add_rows(&result->databases, &tallies, &attempt.before);
        add_rows(&result->databases, &tallies, &attempt.target);
        attempt_record(options, &attempt, result);
        if (attempt_judge(options, &attempt, &result->databases, tallies.items) == 0)
            break;
        clock_sleep_ms(ATTEMPT_DELAY_MS);
    }
    return true;
}
