#include <stdlib.h>

#include "executor/verify/compare.h"
#include "executor/verify/counts.h"
#include "executor/verify/functions.h"
#include "executor/verify/queue.h"
#include "executor/verify/sample.h"
#include "executor/verify/sweep.h"
#include "schemas/base/clock.h"
#include "schemas/base/digest.h"
#include "schemas/base/memory.h"

#define VERSION_ABSOLUTE_EXPIRY 700
#define VERSION_SIZES 400
#define VERSION_EXISTS_ONE 300   /* 3.0: from 3.0.3 on it takes several keys */
#define EXPIRY_TOLERANCE_MS 2000 /* before 7.0: lag, skew and the way to us */
#define EXISTS_COUNT ((size_t)500)

/* A server that does not tell (an ACL, a renamed command) is taken for one that does not know it.
 */
static bool take_knows(struct redis_connection *connection, bool *knows, struct error *err) {
    AUTO(redis_reply_free) struct redis_reply *reply = NULL;
    if (!redis_take(connection, &reply, err))
        return false;
    *knows = reply->type == REDIS_ARRAY && reply->count == 1 &&
             reply->elements[0]->type == REDIS_ARRAY && reply->elements[0]->count > 0;
    return true;
}

static bool ask_fields_expire(const struct verify_options *options, struct read_rules *rules,
                              struct error *err) {
    struct redis_connection *both[] = { options->source, options->target };
    for (size_t i = 0; i < COUNT(both); i++)
        redis_queue_words(both[i], "COMMAND", "INFO", "HPEXPIRETIME", NULL);
    redis_exchange(both, COUNT(both), options->deadline_mono_ms);
    return take_knows(options->source, &rules->source_fields_expire, err) &&
           take_knows(options->target, &rules->target_fields_expire, err);
}

/* Looks at both, and sets what both can answer. */
static bool begin(struct comparison *comparison, struct snapshot *source, struct snapshot *target,
                  struct error *err) {
    const struct verify_options *options = comparison->options;
    if (!snapshot_take_both(options, source, target, err))
        return false;
    if (!options->detached &&
        !snapshot_when_caught_up(options, source->replid, source->offset, target, err))
        return false;
    int version = source->version < target->version ? source->version : target->version;
    struct read_rules *rules = &comparison->rules;
    if (!ask_fields_expire(options, rules, err))
        return false;
    random_bytes(&rules->hash_key, sizeof rules->hash_key);
    rules->expiry_is_absolute = version >= VERSION_ABSOLUTE_EXPIRY;
    rules->exists_takes_many = source->version > VERSION_EXISTS_ONE;
    comparison->clustered = source->clustered || target->clustered;
    rules->sizes_are_told = version >= VERSION_SIZES;
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
            if (reply->type != REDIS_INTEGER) {
                error_set(err, ERROR_REFUSED, "%s refuses 'EXISTS': %s", redis_name(source),
                          reply->bytes ? reply->bytes : "");
                return refusal_hint(err, reply->bytes ? reply->bytes : "", reply->length);
            }
            if (reply->integer == 0)
                verify_keys_add(keys, key->database, key->bytes, key->length);
        }
    }
    return true;
}

static struct sampling sampling_of(const struct verify_options *options,
                                   const struct snapshot *snapshot, int64_t database) {
    return (struct sampling){ .options = options,
                              .database = database,
                              .held = keyspace_row(snapshot, database).keys,
                              .wanted = sample_share(snapshot, database, options->keys) };
}

/* Keys of one database from both sides; *all stays true only while nothing was left out. */
static bool sample_database(const struct verify_options *options, const struct snapshots *seen,
                            int64_t database, struct verify_keys *keys, bool *all,
                            struct error *err) {
    AUTO(verify_keys_clear) struct verify_keys there = { 0 };
    struct sampling source = sampling_of(options, &seen->source, database);
    struct sampling target = sampling_of(options, &seen->target, database);
    source.connection = options->source;
    target.connection = options->target;
    bool all_of_source = true, all_of_target = true;
    if (!compare_select(options, database, err) ||
        !sample_keys(&source, keys, &all_of_source, err) ||
        !sample_keys(&target, &there, &all_of_target, err) ||
        !add_extra(options, &there, keys, err))
        return false;
    *all = *all && all_of_source && all_of_target;
    return true;
}

/* Keys of one database. */
static bool compare_database(struct comparison *comparison, const struct verify_key *keys,
                             size_t count, struct error *err) {
    AUTO(queue_clear) struct queue queue = { .comparison = comparison };
    if (!compare_select(comparison->options, keys[0].database, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        queue_add(&queue, keys[i].database, keys[i].bytes, keys[i].length, SIZE_UNKNOWN);
        if (queue_is_due(&queue) && !queue_work(&queue, false, err))
            return false;
    }
    return queue_work(&queue, true, err);
}

static bool compare_list(struct comparison *comparison, struct verify_keys *keys,
                         struct error *err) {
    verify_keys_unique(keys);
    comparison->total = (int64_t)keys->count;
    size_t from = 0;
    for (size_t i = 1; i <= keys->count; i++) {
        if (i < keys->count && keys->items[i].database == keys->items[from].database)
            continue;
        if (keys->count > 0 && !compare_database(comparison, keys->items + from, i - from, err))
            return false;
        from = i;
    }
    return compare_select(comparison->options, 0, err);
}

static bool sample(struct comparison *comparison, const struct snapshots *seen, struct error *err) {
    struct verify_result *result = comparison->result;
    AUTO(verify_keys_clear) struct verify_keys keys = { 0 };
    bool all = true;
    for (size_t i = 0; i < result->databases.count; i++)
        if (!sample_database(comparison->options, seen, result->databases.items[i].database, &keys,
                             &all, err))
            return false;
    if (!compare_list(comparison, &keys, err))
        return false;
    result->left_out = !all;
    result->bound = verify_bound(result);
    return true;
}

static bool run(struct comparison *comparison, struct error *err) {
    const struct verify_options *options = comparison->options;
    AUTO(snapshots_clear) struct snapshots seen = { 0 };
    if (!begin(comparison, &seen.source, &seen.target, err))
        return false;
    return counts_compare(options, comparison->result, err) &&
           (!comparison->rules.expiry_is_absolute || functions_compare(comparison, err)) &&
           (options->mode != VERIFY_SAMPLE || sample(comparison, &seen, err)) &&
           (options->mode != VERIFY_FULL ||
            sweep_full(comparison, &seen.source, &seen.target, err));
}

static void finish(struct verify_result *made, int64_t start_mono_ms, struct verify_result *out) {
    verify_result_conclude(made);
    made->took_ms = clock_mono_ms() - start_mono_ms;
    verify_result_clear(out);
    *out = MOVE(*made);
}

bool verify_run(const struct verify_options *options, struct verify_result *result,
                struct error *err) {
    int64_t start_mono_ms = clock_mono_ms();
    AUTO(verify_result_clear) struct verify_result made = { 0 };
    struct throttle throttle = { .share = options->max_source_share };
    struct comparison comparison = {
        .options = options, .result = &made, .throttle = &throttle, .pace = pace_begin()
    };
    if (!run(&comparison, err))
        return false;
    made.backed_off_ms = throttle.backed_off_ms;
    finish(&made, start_mono_ms, result);
    return true;
}

bool verify_keys(const struct verify_options *options, const struct verify_keys *keys,
                 struct verify_result *result, struct error *err) {
    int64_t start_mono_ms = clock_mono_ms();
    AUTO(verify_result_clear) struct verify_result made = { 0 };
    AUTO(verify_keys_clear) struct verify_keys copy = { 0 };
    AUTO(snapshot_clear) struct snapshot source = { 0 };
    AUTO(snapshot_clear) struct snapshot target = { 0 };
    struct throttle throttle = { .share = options->max_source_share };
    struct comparison comparison = {
        .options = options, .result = &made, .throttle = &throttle, .pace = pace_begin()
    };
    for (size_t i = 0; i < keys->count; i++)
        verify_keys_add(&copy, keys->items[i].database, keys->items[i].bytes,
                        keys->items[i].length);
    if (!begin(&comparison, &source, &target, err) || !compare_list(&comparison, &copy, err))
        return false;
    made.backed_off_ms = throttle.backed_off_ms;
    finish(&made, start_mono_ms, result);
    return true;
}
