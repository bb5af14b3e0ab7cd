#include "executor/verify/pairs.h"

#include <stdlib.h>

#include "executor/verify/rows.h"
#include "schemas/base/memory.h"
#include "schemas/base/strings.h"

static void verify_pair_clear(struct verify_pair *pair) {
    free(pair->not_replica);
}

void verify_pairs_clear(struct verify_pairs *pairs) {
    if (!pairs)
        return;
    LIST_CLEAR(pairs, verify_pair_clear);
}

static void add_database(struct verify_result *total, const struct verify_database *row) {
    size_t at, before = total->databases.count;
    struct verify_database *known = rows_have(&total->databases, row->database, &at);
    if (total->databases.count > before) {
        *known = *row;
    } else {
        known->source_keys += row->source_keys;
        known->target_keys += row->target_keys;
        known->source_expires += row->source_expires;
        known->target_expires += row->target_expires;
        known->explained += row->explained;
        known->keys_compared += row->keys_compared;
        known->keys_equal += row->keys_equal;
        if (known->verdict == VERDICT_EQUAL || row->verdict == VERDICT_MISMATCH)
            known->verdict = row->verdict;
    }
}

static void move_keys(struct verify_keys *to, struct verify_keys *from, size_t ceiling) {
    for (size_t i = 0; i < from->count && to->count < ceiling; i++) {
        *LIST_ADD(to) = from->items[i];
        from->items[i].bytes = NULL;
    }
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
        offsetof(struct verify_result, backed_off_ms),
        offsetof(struct verify_result, replica_differs),
    };
    for (size_t i = 0; i < COUNT(sums); i++)
        *(int64_t *)((char *)total + sums[i]) += *(const int64_t *)((const char *)part + sums[i]);
}

static void move_mismatches(struct verify_result *total, const char *shard,
                            struct verify_result *part) {
    struct verify_mismatches *to = &total->mismatches;
    for (size_t i = 0, named = 0; i < part->mismatches.count; i++) {
        struct verify_mismatch *mismatch = &part->mismatches.items[i];
        struct verify_key *key = mismatch->key_sha256 ? &part->mismatched.items[named++] : NULL;
        if (to->count == VERIFY_MISMATCH_CEILING_COUNT)
            return;
        mismatch->shard = *shard ? xstrdup(shard) : NULL;
        *LIST_ADD(to) = MOVE(*mismatch);
        if (key) {
            *LIST_ADD(&total->mismatched) = *key;
            key->bytes = NULL;
        }
    }
}

static void add_shard(struct verify_result *total, const struct verify_pair *pair,
                      const struct verify_result *part) {
    struct verify_shard *shard = LIST_ADD(&total->shards);
    *shard = (struct verify_shard){
        .slots = *pair->name ? xstrdup(pair->name) : NULL,
        .source = xstrdup(redis_name(pair->source)),
        .settled_by = pair->primary ? xstrdup(redis_name(pair->primary)) : NULL,
        .not_replica = xstrdup(pair->not_replica),
        .replica_writable = pair->writable,
        .replica_differs = part->replica_differs,
        .target = xstrdup(redis_name(pair->target)),
        .verdict = part->verdict,
        .replid = xstrdup(part->replid),
        .source_offset = part->source_offset,
        .target_offset = part->target_offset,
        .keys_compared = part->keys_compared,
        .keys_equal = part->keys_equal,
        .keys_hot = part->keys_hot,
        .keys_expiring = part->keys_expiring,
        .keys_unverifiable = part->keys_unverifiable,
        .kinds = part->kinds,
        .took_ms = part->took_ms,
    };
    for (size_t i = 0; i < part->databases.count; i++)
        *LIST_ADD(&shard->databases) = part->databases.items[i];
}

/* Offsets belong to one history each: those of several shards say nothing together. */
static void add_statement(struct verify_result *total, const struct verify_result *part) {
    bool first = total->shards.count == 0;
    if (first) {
        total->mode = part->mode;
        total->detached = part->detached;
        total->replid = xstrdup(part->replid);
        total->source_offset = part->source_offset;
        total->target_offset = part->target_offset;
        total->verdict = part->verdict;
        return;
    }
    string_replace(&total->replid, NULL);
    total->source_offset = total->target_offset = -1;
    bool worse = part->verdict == VERDICT_MISMATCH || total->verdict == VERDICT_EQUAL;
    total->verdict = worse ? part->verdict : total->verdict;
}

void verify_pairs_add(struct verify_result *total, const struct verify_pair *pair,
                      struct verify_result *part) {
    add_statement(total, part);
    total->left_out |= part->left_out;
    total->resumed |= part->resumed;
    total->functions_unread |= part->functions_unread;
    add_counts(total, part);
    if (part->expiry_tolerance_ms > total->expiry_tolerance_ms)
        total->expiry_tolerance_ms = part->expiry_tolerance_ms;
    for (size_t i = 0; i < part->databases.count; i++)
        add_database(total, &part->databases.items[i]);
    add_shard(total, pair, part);
    move_mismatches(total, pair->name, part);
    move_keys(&total->hot, &part->hot, VERIFY_HOT_CEILING_COUNT);
    char *bound = total->mode == VERIFY_SAMPLE ? verify_bound(total) : NULL;
    free(total->bound);
    total->bound = bound;
}
