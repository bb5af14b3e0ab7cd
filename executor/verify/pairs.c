#include "executor/verify/pairs.h"

#include <stdlib.h>
#include <string.h>

#include "schemas/base/clock.h"
#include "schemas/base/memory.h"
#include "schemas/base/strings.h"

void verify_pairs_clear(struct verify_pairs *pairs) {
    if (!pairs)
        return;
    free(pairs->items);
    *pairs = (struct verify_pairs){ 0 };
}

static void add_database(struct verify_result *total, const struct verify_database *row) {
    for (size_t i = 0; i < total->databases.count; i++) {
        struct verify_database *known = &total->databases.items[i];
        if (known->database != row->database)
            continue;
        known->source_keys += row->source_keys;
        known->target_keys += row->target_keys;
        known->source_expires += row->source_expires;
        known->target_expires += row->target_expires;
        known->explained += row->explained;
        if (known->verdict == VERDICT_EQUAL || row->verdict == VERDICT_MISMATCH)
            known->verdict = row->verdict;
        return;
    }
    *LIST_ADD(&total->databases) = *row;
}

static void add_keys(struct verify_keys *to, const struct verify_keys *from) {
    for (size_t i = 0; i < from->count; i++)
        verify_keys_add(to, from->items[i].database, from->items[i].bytes, from->items[i].length);
}

static void add_counts(struct verify_result *total, const struct verify_result *part) {
    static const size_t sums[] = {
        offsetof(struct verify_result, keys_compared),
        offsetof(struct verify_result, keys_equal),
        offsetof(struct verify_result, keys_equal_at_once),
        offsetof(struct verify_result, keys_hot),
        offsetof(struct verify_result, keys_expiring),
        offsetof(struct verify_result, keys_unverifiable),
        offsetof(struct verify_result, kinds.missing),
        offsetof(struct verify_result, kinds.extra),
        offsetof(struct verify_result, kinds.type),
        offsetof(struct verify_result, kinds.value),
        offsetof(struct verify_result, kinds.expiry),
        offsetof(struct verify_result, kinds.functions),
        offsetof(struct verify_result, evicted_keys),
    };
    for (size_t i = 0; i < COUNT(sums); i++)
        *(int64_t *)((char *)total + sums[i]) += *(const int64_t *)((const char *)part + sums[i]);
}

/* Offsets belong to one history each: those of several shards say nothing together. */
static void add_result(struct verify_result *total, const struct verify_result *part, bool first) {
    if (first) {
        total->mode = part->mode;
        total->detached = part->detached;
        total->source_offset = part->source_offset;
        total->target_offset = part->target_offset;
        total->verdict = part->verdict;
        total->bound = xstrdup(part->bound);
    } else {
        total->source_offset = total->target_offset = -1;
        bool worse = part->verdict == VERDICT_MISMATCH || total->verdict == VERDICT_EQUAL;
        total->verdict = worse ? part->verdict : total->verdict;
        /* The weakest statement holds for all of them. */
        if (!part->bound || !total->bound || strcmp(part->bound, total->bound) != 0)
            string_replace(&total->bound, NULL);
    }
    add_counts(total, part);
    if (part->expiry_tolerance_ms > total->expiry_tolerance_ms)
        total->expiry_tolerance_ms = part->expiry_tolerance_ms;
    for (size_t i = 0; i < part->databases.count; i++)
        add_database(total, &part->databases.items[i]);
    for (size_t i = 0;
         i < part->mismatches.count && total->mismatches.count < VERIFY_MISMATCH_CEILING_COUNT;
         i++) {
        const struct verify_mismatch *mismatch = &part->mismatches.items[i];
        *LIST_ADD(&total->mismatches) = (struct verify_mismatch){
            .kind = xstrdup(mismatch->kind),
            .database = mismatch->database,
            .key_sha256 = xstrdup(mismatch->key_sha256),
        };
    }
    add_keys(&total->hot, &part->hot);
    add_keys(&total->mismatched, &part->mismatched);
}

/* The keys of one pair: those in its slots. */
static void keys_of(const struct verify_pair *pair, const struct verify_keys *keys,
                    struct verify_keys *out) {
    bool all = slots_count(&pair->slots) == 0;
    for (size_t i = 0; i < keys->count; i++) {
        const struct verify_key *key = &keys->items[i];
        if (all || slots_have(&pair->slots, slot_of_key(key->bytes, key->length)))
            verify_keys_add(out, key->database, key->bytes, key->length);
    }
}

static bool run_pair(const struct verify_options *options, const struct verify_keys *keys,
                     const struct verify_pair *pair, struct verify_result *part,
                     struct error *err) {
    AUTO(verify_keys_clear) struct verify_keys own = { 0 };
    if (!keys)
        return verify_run(options, part, err);
    keys_of(pair, keys, &own);
    return verify_keys(options, &own, part, err);
}

/* `keys` NULL: the options' mode. */
static bool run_all(const struct verify_options *options, const struct verify_pairs *pairs,
                    const struct verify_keys *keys, struct verify_result *result,
                    struct error *err) {
    AUTO(verify_result_clear) struct verify_result total = { 0 };
    int64_t start_mono_ms = clock_mono_ms();
    for (size_t i = 0; i < pairs->count; i++) {
        const struct verify_pair *pair = &pairs->items[i];
        AUTO(verify_result_clear) struct verify_result part = { 0 };
        struct verify_options own = *options;
        own.source = pair->source;
        own.target = pair->target;
        own.keys = (options->keys + (int64_t)pairs->count - 1) / (int64_t)pairs->count;
        if (!run_pair(&own, keys, pair, &part, err))
            return *pair->name && error_wrap(err, "slots %s", pair->name);
        add_result(&total, &part, i == 0);
    }
    total.took_ms = clock_mono_ms() - start_mono_ms;
    verify_result_clear(result);
    *result = total;
    total = (struct verify_result){ 0 };
    return true;
}

bool verify_run_pairs(const struct verify_options *options, const struct verify_pairs *pairs,
                      struct verify_result *result, struct error *err) {
    return run_all(options, pairs, NULL, result, err);
}

bool verify_keys_pairs(const struct verify_options *options, const struct verify_pairs *pairs,
                       const struct verify_keys *keys, struct verify_result *result,
                       struct error *err) {
    return run_all(options, pairs, keys, result, err);
}
