#include "executor/verify/compare.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "executor/verify/rows.h"
#include "schemas/base/clock.h"
#include "schemas/base/digest.h"
#include "schemas/base/memory.h"
#include "schemas/base/number.h"

#define BATCH_COUNT ((size_t)500)
#define FIRST_DELAY_MS 20
#define LAST_DELAY_MS 1000

void suspects_add(struct suspects *suspects, int64_t database, const char *bytes, size_t length,
                  int64_t size_bytes) {
    struct verify_key *key = xcalloc(1, sizeof *key);
    *key = (struct verify_key){ database, xstrndup(bytes, length), length };
    *LIST_ADD(suspects) = (struct suspect){ .owned = key, .key = key, .size_bytes = size_bytes };
}

static void suspect_clear(struct suspect *suspect) {
    if (suspect->owned)
        free(suspect->owned->bytes);
    free(suspect->owned);
    *suspect = (struct suspect){ 0 };
}

void suspects_clear(struct suspects *suspects) {
    if (!suspects)
        return;
    LIST_CLEAR(suspects, suspect_clear);
}

int64_t compare_delay_ms(int looks) {
    int64_t delay_ms = FIRST_DELAY_MS;
    for (int i = 1; i < looks && delay_ms < LAST_DELAY_MS; i++)
        delay_ms *= 2;
    return delay_ms < LAST_DELAY_MS ? delay_ms : LAST_DELAY_MS;
}

bool compare_select(const struct verify_options *options, int64_t database, struct error *err) {
    char number[24];
    (void)snprintf(number, sizeof number, "%" PRId64, database);
    struct redis_connection *both[] = { options->source, options->target };
    for (size_t i = 0; i < COUNT(both); i++)
        redis_queue_words(both[i], "SELECT", number, NULL);
    redis_exchange(both, COUNT(both), options->deadline_mono_ms);
    for (size_t i = 0; i < COUNT(both); i++) {
        AUTO(redis_reply_free) struct redis_reply *reply = NULL;
        if (!redis_take(both[i], &reply, err))
            return false;
        if (reply->type == REDIS_FAULT)
            return error_set(err, ERROR_REFUSED, "%s refused 'SELECT %s': %s", redis_name(both[i]),
                             number, reply->bytes);
    }
    return true;
}

struct verify_mismatch *compare_add_mismatch(struct verify_result *result, const char *kind,
                                             int64_t *tally, const struct verify_key *key) {
    ++*tally;
    if (result->mismatches.count >= VERIFY_MISMATCH_CEILING_COUNT)
        return NULL;
    struct verify_mismatch *mismatch = LIST_ADD(&result->mismatches);
    mismatch->kind = xstrdup(kind);
    mismatch->source.expire_at_ms = mismatch->target.expire_at_ms = SHAPE_UNSET;
    if (!key)
        return mismatch;
    char hash[DIGEST_HEX_BYTES];
    digest_sha256_hex(key->bytes, key->length, hash);
    mismatch->database = key->database;
    mismatch->key_sha256 = xstrdup(hash);
    verify_keys_add(&result->mismatched, key->database, key->bytes, key->length);
    return mismatch;
}

static void describe(const struct key_state *state, struct verify_side *side) {
    uint8_t bytes[sizeof state->digest.sum];
    char hex[2 * sizeof bytes + 1];
    if (state->kind == KEY_NONE)
        return;
    side->type = xstrdup(key_kind_name(state->kind));
    side->expire_at_ms = number_clamp(state->expire_at_ms);
    if (state->kind == KEY_OTHER)
        return;
    memcpy(bytes, &state->digest.sum, sizeof bytes);
    digest_hex(bytes, sizeof bytes, hex);
    side->digest = xstrdup(hex);
}

static const char *kind_of(const struct key_state *source, const struct key_state *target,
                           struct verify_kinds *kinds, int64_t **tally) {
    if (source->kind == KEY_NONE) {
        *tally = &kinds->extra;
        return "extra";
    }
    if (target->kind == KEY_NONE) {
        *tally = &kinds->missing;
        return "missing";
    }
    if (source->kind != target->kind) {
        *tally = &kinds->type;
        return "type";
    }
    bool same_value = key_digest_equal(&source->digest, &target->digest);
    *tally = same_value ? &kinds->expiry : &kinds->value;
    return same_value ? "expiry" : "value";
}

static void add_mismatch(struct verify_result *result, const struct suspect *suspect) {
    int64_t *tally;
    const char *kind = kind_of(&suspect->source, &suspect->target, &result->kinds, &tally);
    struct verify_mismatch *mismatch = compare_add_mismatch(result, kind, tally, suspect->key);
    if (!mismatch)
        return;
    describe(&suspect->source, &mismatch->source);
    describe(&suspect->target, &mismatch->target);
}

void compare_count(struct verify_result *result, int64_t database, bool equal) {
    result->keys_compared++;
    result->keys_equal += equal;
    struct verify_database *row = rows_find(&result->databases, database);
    if (row) {
        row->keys_compared++;
        row->keys_equal += equal;
    }
}

static void reads_init(struct key_reads *reads, struct redis_connection *connection,
                       const struct suspect *suspects, size_t count, bool fields_expire,
                       struct comparison *comparison) {
    *reads = (struct key_reads){ .connection = connection,
                                 .pace = &comparison->pace,
                                 .items = xcalloc(count, sizeof *reads->items),
                                 .count = count };
    for (size_t i = 0; i < count; i++) {
        struct key_read *read = &reads->items[i];
        key_read_init(read, suspects[i].key, &comparison->rules);
        read->fields_expire = fields_expire;
        if (suspects[i].size_bytes >= 0 && suspects[i].size_bytes <= COMPARE_SMALL_BYTES)
            read->chunk_count = CHUNK_MOST_COUNT;
        read->size_bytes = suspects[i].size_bytes;
    }
}

struct readings {
    struct key_reads source, target;
    bool still; /* nothing was written since the offset that the target had to reach */
};

static void readings_clear(struct readings *readings) {
    key_reads_clear(&readings->source);
    key_reads_clear(&readings->target);
}
AUTO_VALUE(struct readings, readings_clear)

static bool read_both(struct comparison *comparison, const struct suspect *suspects, size_t count,
                      bool first, struct readings *out, struct error *err) {
    const struct verify_options *options = comparison->options;
    const struct read_rules *rules = &comparison->rules;
    AUTO(snapshots_clear) struct snapshots before = { 0 };
    AUTO(snapshots_clear) struct snapshots after = { 0 };
    reads_init(&out->source, options->source, suspects, count, rules->source_fields_expire,
               comparison);
    reads_init(&out->target, options->target, suspects, count, rules->target_fields_expire,
               comparison);
    out->source.throttle = comparison->throttle;
    if (first)
        return key_reads_run(options, &out->source, &out->target, err);
    if (!snapshot_in_step(options, &before, err) ||
        !key_reads_run(options, &out->source, &out->target, err) ||
        !snapshot_take_both(options, &after.source, &after.target, err))
        return false;
    bool behind = after.source.is_replica && after.source.offset < after.target.offset;
    out->still = snapshot_was_still(&before.source, &after.source) &&
                 (options->detached ? snapshot_was_still(&before.target, &after.target) : !behind);
    return true;
}

static void settle(struct comparison *comparison, struct suspect *suspect,
                   enum judgement judgement) {
    struct verify_result *result = comparison->result;
    compare_count(result, suspect->key->database, judgement == JUDGED_EQUAL);
    if (judgement == JUDGED_UNVERIFIABLE) {
        result->keys_unverifiable++;
    } else if (judgement == JUDGED_MISMATCH) {
        add_mismatch(result, suspect);
    } else if (judgement == JUDGED_OPEN && suspect->expiring) {
        result->keys_expiring++;
    } else if (judgement == JUDGED_OPEN) {
        result->keys_hot++;
        if (result->hot.count < VERIFY_HOT_CEILING_COUNT)
            verify_keys_add(&result->hot, suspect->key->database, suspect->key->bytes,
                            suspect->key->length);
    }
    suspect_clear(suspect);
}

void compare_give_up(struct comparison *comparison, struct suspect *suspect) {
    settle(comparison, suspect, JUDGED_OPEN);
}

static void weigh(struct suspect *suspect, const struct readings *readings, size_t index) {
    size_t one = readings->source.items[index].read_bytes;
    size_t two = readings->target.items[index].read_bytes;
    suspect->size_bytes = (int64_t)(one > two ? one : two);
}

/* One look at a batch; those still open are added to `open`. */
static bool compare_batch(struct comparison *comparison, struct suspect *suspects, size_t count,
                          bool first, struct suspects *open, struct error *err) {
    AUTO(readings_clear) struct readings readings = { 0 };
    if (!verify_go_on(comparison->options, comparison->result->keys_compared, comparison->total,
                      err) ||
        !read_both(comparison, suspects, count, first, &readings, err))
        return false;
    int needed = readings.still                  ? ALIKE_STILL
                 : comparison->options->detached ? ALIKE_DETACHED
                                                 : ALIKE_UNDER_WRITES;
    int64_t tolerance_ms = comparison->result->expiry_tolerance_ms;
    int64_t now_at_ms = clock_wall_ms();
    for (size_t i = 0; i < count; i++) {
        struct key_state source = key_state_of(&readings.source.items[i]);
        struct key_state target = key_state_of(&readings.target.items[i]);
        enum judgement judgement =
            suspect_judge(&suspects[i], &source, &target, needed, tolerance_ms, now_at_ms);
        if (judgement == JUDGED_OPEN) {
            weigh(&suspects[i], &readings, i);
            *LIST_ADD(open) = suspects[i];
            suspects[i].owned = NULL;
        } else {
            settle(comparison, &suspects[i], judgement);
        }
    }
    return true;
}

bool compare_look(struct comparison *comparison, struct suspects *suspects, bool first,
                  struct error *err) {
    AUTO(suspects_clear) struct suspects open = { 0 };
    for (size_t at = 0; at < suspects->count; at += BATCH_COUNT) {
        size_t left = suspects->count - at;
        if (!compare_batch(comparison, suspects->items + at,
                           left < BATCH_COUNT ? left : BATCH_COUNT, first, &open, err))
            return false;
    }
    suspects_clear(suspects);
    *suspects = MOVE(open);
    return true;
}
