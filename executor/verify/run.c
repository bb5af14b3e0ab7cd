#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "executor/verify/compare.h"
#include "executor/verify/counts.h"
#include "executor/verify/functions.h"
#include "executor/verify/pick.h"
#include "executor/verify/place.h"
#include "executor/verify/sweep.h"
#include "schemas/base/clock.h"
#include "schemas/base/digest.h"
#include "schemas/base/memory.h"

#define VERSION_STREAM_FULL 600
#define VERSION_ABSOLUTE_EXPIRY 700
#define EXPIRY_TOLERANCE_MS 2000 /* before 7.0: lag, skew and the way to us */
#define EXISTS_COUNT ((size_t)500)

/* Looks at both, and sets what both can answer. */
static bool begin(struct comparison *comparison, struct look *source, struct look *target,
                  struct error *err) {
    const struct verify_options *options = comparison->options;
    if (!look_at_both(options, source, target, err))
        return false;
    if (!options->detached &&
        !look_when_caught_up(options, source->replid, source->offset, target, err))
        return false;
    int version = source->version < target->version ? source->version : target->version;
    struct read_rules *rules = &comparison->rules;
    random_bytes(&rules->hash_key, sizeof rules->hash_key);
    rules->expiry_is_absolute = version >= VERSION_ABSOLUTE_EXPIRY;
    rules->stream_full = version >= VERSION_STREAM_FULL;
    comparison->clustered = source->clustered || target->clustered;
    rules->stream_counters = version >= VERSION_ABSOLUTE_EXPIRY;
    struct verify_result *result = comparison->result;
    *result = (struct verify_result){ .mode = options->mode, .detached = options->detached };
    result->expiry_tolerance_ms = rules->expiry_is_absolute ? 0 : EXPIRY_TOLERANCE_MS;
    result->replid = options->detached ? NULL : xstrdup(source->replid);
    result->source_offset = options->detached ? -1 : source->offset;
    result->target_offset = options->detached ? -1 : target->offset;
    result->evicted_keys = target->evicted_keys;
    return true;
}

static void conclude(struct verify_result *result, int64_t start_mono_ms) {
    bool wrong = verify_kinds_sum(&result->kinds) > 0, open = result->keys_hot > 0;
    open |= result->keys_unverifiable > 0;
    for (size_t i = 0; i < result->databases.count; i++) {
        wrong |= result->databases.items[i].verdict == VERDICT_MISMATCH;
        open |= result->databases.items[i].verdict == VERDICT_OPEN;
    }
    result->verdict = wrong ? VERDICT_MISMATCH : open ? VERDICT_OPEN : VERDICT_EQUAL;
    result->took_ms = clock_mono_ms() - start_mono_ms;
}

/* Of the keys picked on the target, those that the source does not hold, as keys to compare. */
static bool add_extra(const struct verify_options *options, const struct verify_keys *picked,
                      struct verify_keys *keys, struct error *err) {
    struct redis_connection *source = options->source;
    for (size_t at = 0; at < picked->count; at += EXISTS_COUNT) {
        size_t end = at + EXISTS_COUNT < picked->count ? at + EXISTS_COUNT : picked->count;
        for (size_t i = at; i < end; i++) {
            const char *words[] = { "EXISTS", picked->items[i].bytes };
            const size_t lengths[] = { 6, picked->items[i].length };
            redis_queue(source, 2, words, lengths);
        }
        redis_exchange(&source, 1, options->deadline_mono_ms);
        for (size_t i = at; i < end; i++) {
            const struct verify_key *key = &picked->items[i];
            AUTO(redis_reply_free) struct redis_reply *reply = NULL;
            if (!redis_take(source, &reply, err))
                return false;
            if (reply->type == REDIS_INTEGER && reply->integer == 0)
                verify_keys_add(keys, key->database, key->bytes, key->length);
        }
    }
    return true;
}

/* Keys of one database from both sides; *all stays true only while nothing was left out. */
static bool pick_database(const struct verify_options *options, const struct look *source,
                          const struct look *target, int64_t database, struct verify_keys *keys,
                          bool *all, struct error *err) {
    AUTO(verify_keys_clear) struct verify_keys there = { 0 };
    bool all_of_source = true, all_of_target = true;
    if (!compare_select(options, database, err) ||
        !pick_keys(options, options->source, database, keyspace_row(source, database).keys,
                   pick_share(source, database, options->keys), keys, &all_of_source, err) ||
        !pick_keys(options, options->target, database, keyspace_row(target, database).keys,
                   pick_share(target, database, options->keys), &there, &all_of_target, err) ||
        !add_extra(options, &there, keys, err))
        return false;
    *all = *all && all_of_source && all_of_target;
    return true;
}

static bool compare_list(struct comparison *comparison, struct verify_keys *keys,
                         struct error *err) {
    verify_keys_unique(keys);
    comparison->total = (int64_t)keys->count;
    size_t from = 0;
    for (size_t i = 1; i <= keys->count; i++) {
        if (i < keys->count && keys->items[i].database == keys->items[from].database)
            continue;
        if (!compare_keys_of(comparison, keys->items + from, i - from, err))
            return false;
        from = i;
    }
    return compare_select(comparison->options, 0, err);
}

static bool sample(struct comparison *comparison, const struct look *source,
                   const struct look *target, struct error *err) {
    struct verify_result *result = comparison->result;
    AUTO(verify_keys_clear) struct verify_keys keys = { 0 };
    bool all = true;
    for (size_t i = 0; i < result->databases.count; i++)
        if (!pick_database(comparison->options, source, target, result->databases.items[i].database,
                           &keys, &all, err))
            return false;
    if (!compare_list(comparison, &keys, err))
        return false;
    result->left_out = !all;
    result->bound = verify_bound(result);
    return true;
}

struct stillness {
    struct look source, target;
};

static void stillness_clear(struct stillness *stillness) {
    look_clear(&stillness->source);
    look_clear(&stillness->target);
}
AUTO_VALUE(struct stillness, stillness_clear)

static bool nothing_was_written(const struct look *before, const struct look *after) {
    return before->changes >= 0 && before->changes == after->changes &&
           before->saved_at_s == after->saved_at_s && before->evicted_keys == after->evicted_keys;
}

static bool none_expires(const struct stillness *look, int64_t database) {
    return keyspace_row(&look->source, database).expires == 0 &&
           keyspace_row(&look->target, database).expires == 0;
}

/* When nothing was written meanwhile, every key of the source was found on the target, and both
 * hold as many at one offset: then the target holds no other key. A key that has expired but still
 * counts would have to be missing there to hide one; a primary deletes those that SCAN comes
 * across, and the others were compared before they expired. */
static bool counts_tell(const struct comparison *comparison, const struct stillness *before,
                        const struct stillness *after, int64_t database) {
    const struct verify_result *result = comparison->result;
    bool detached = comparison->options->detached;
    return keyspace_row(&after->source, database).keys ==
               keyspace_row(&after->target, database).keys &&
           (detached || after->source.offset == after->target.offset) &&
           ((!detached && !after->source.is_replica) ||
            (none_expires(before, database) && none_expires(after, database))) &&
           nothing_was_written(&before->source, &after->source) &&
           nothing_was_written(&before->target, &after->target) && result->kinds.missing == 0 &&
           result->keys_hot == 0 && result->keys_expiring == 0;
}

static bool look_still(const struct verify_options *options, struct stillness *out,
                       struct error *err) {
    if (options->detached)
        return look_at_both(options, &out->source, &out->target, err);
    return look_at(options->source, options->deadline_mono_ms, &out->source, err) &&
           look_when_caught_up(options, out->source.replid, out->source.offset, &out->target, err);
}

/* What was waiting when the place was kept, of the database at hand. */
static void take_waiting(struct place *place, struct queue *queue) {
    for (size_t i = 0; i < place->waiting.count; i++) {
        const struct verify_key *key = &place->waiting.items[i];
        queue_add(queue, key->database, key->bytes, key->length, false);
    }
    verify_keys_clear(&place->waiting);
}

static bool sweep_there(struct comparison *comparison, struct queue *queue, struct place *place,
                        struct error *err) {
    if (!place->swept && !sweep_source(comparison, queue, place, err))
        return false;
    place->swept = true;
    if (!queue_work(queue, true, err))
        return false;
    if (place->path)
        place_keep(place, comparison->result, NULL);
    return true;
}

static bool full_database(struct comparison *comparison, struct place *place, struct error *err) {
    const struct verify_options *options = comparison->options;
    int64_t database = place->database;
    AUTO(queue_clear) struct queue queue = { .comparison = comparison };
    AUTO(stillness_clear) struct stillness before = { 0 };
    AUTO(stillness_clear) struct stillness after = { 0 };
    bool from_start = !place->swept && strcmp(place->cursor, "0") == 0;
    take_waiting(place, &queue);
    if (!look_still(options, &before, err) || !compare_select(options, database, err) ||
        !sweep_there(comparison, &queue, place, err) || !look_still(options, &after, err))
        return false;
    return (from_start && counts_tell(comparison, &before, &after, database)) ||
           (sweep_target(comparison, &queue, database, err) && queue_work(&queue, true, err));
}

static bool full_databases(struct comparison *comparison, struct place *place, struct error *err) {
    struct verify_result *result = comparison->result;
    for (size_t i = 0; i < result->databases.count; i++) {
        int64_t database = result->databases.items[i].database;
        if (place_is_done(place, database))
            continue;
        if (place->database != database) {
            place->database = database;
            place->swept = false;
            (void)snprintf(place->cursor, sizeof place->cursor, "0");
        }
        if (!full_database(comparison, place, err))
            return false;
        LIST_ADD(&place->done)->database = database;
        if (place->path)
            place_keep(place, result, NULL);
    }
    return compare_select(comparison->options, 0, err);
}

/* The database in which it was stopped is the first to go on. */
static void put_first(struct verify_databases *rows, int64_t database) {
    for (size_t i = 1; i < rows->count; i++)
        if (rows->items[i].database == database) {
            struct verify_database row = rows->items[i];
            rows->items[i] = rows->items[0];
            rows->items[0] = row;
        }
}

/* The rows of the counts tell which databases there are. */
static bool full(struct comparison *comparison, const struct look *source, struct error *err) {
    struct verify_result *result = comparison->result;
    AUTO(place_clear) struct place place = { .path = comparison->options->place_path };
    for (size_t i = 0; i < result->databases.count; i++)
        comparison->total += result->databases.items[i].source_keys;
    place_begin(&place, source, result);
    put_first(&result->databases, place.database);
    return full_databases(comparison, &place, err);
}

static bool run(struct comparison *comparison, struct error *err) {
    const struct verify_options *options = comparison->options;
    AUTO(look_clear) struct look source = { 0 };
    AUTO(look_clear) struct look target = { 0 };
    if (!begin(comparison, &source, &target, err))
        return false;
    return counts_compare(options, comparison->result, err) &&
           (!comparison->rules.expiry_is_absolute || functions_compare(comparison, err)) &&
           (options->mode != VERIFY_SAMPLE || sample(comparison, &source, &target, err)) &&
           (options->mode != VERIFY_FULL || full(comparison, &source, err));
}

static void finish(struct verify_result *made, int64_t start_mono_ms, struct verify_result *out) {
    conclude(made, start_mono_ms);
    verify_result_clear(out);
    *out = *made;
    *made = (struct verify_result){ 0 };
}

bool verify_run(const struct verify_options *options, struct verify_result *result,
                struct error *err) {
    int64_t start_mono_ms = clock_mono_ms();
    AUTO(verify_result_clear) struct verify_result made = { 0 };
    struct manners manners = { .share = options->max_source_share };
    struct comparison comparison = { .options = options, .result = &made, .manners = &manners };
    if (!run(&comparison, err))
        return false;
    made.backed_off_ms = manners.backed_off_ms;
    finish(&made, start_mono_ms, result);
    return true;
}

bool verify_keys(const struct verify_options *options, const struct verify_keys *keys,
                 struct verify_result *result, struct error *err) {
    int64_t start_mono_ms = clock_mono_ms();
    AUTO(verify_result_clear) struct verify_result made = { 0 };
    AUTO(verify_keys_clear) struct verify_keys copy = { 0 };
    AUTO(look_clear) struct look source = { 0 };
    AUTO(look_clear) struct look target = { 0 };
    struct manners manners = { .share = options->max_source_share };
    struct comparison comparison = { .options = options, .result = &made, .manners = &manners };
    for (size_t i = 0; i < keys->count; i++)
        verify_keys_add(&copy, keys->items[i].database, keys->items[i].bytes,
                        keys->items[i].length);
    if (!begin(&comparison, &source, &target, err) || !compare_list(&comparison, &copy, err))
        return false;
    made.backed_off_ms = manners.backed_off_ms;
    finish(&made, start_mono_ms, result);
    return true;
}
