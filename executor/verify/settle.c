#include "executor/verify/settle.h"

#include <stdlib.h>

#include "schemas/base/memory.h"

static struct verify_database *row_of(struct verify_result *result, int64_t database) {
    for (size_t i = 0; i < result->databases.count; i++)
        if (result->databases.items[i].database == database)
            return &result->databases.items[i];
    return NULL;
}

static void take_mismatches(struct verify_result *result, struct verify_result *part) {
    for (size_t i = 0; i < part->mismatches.count; i++)
        *LIST_ADD(&result->mismatches) = MOVE(part->mismatches.items[i]);
    for (size_t i = 0; i < part->mismatched.count; i++)
        *LIST_ADD(&result->mismatched) = MOVE(part->mismatched.items[i]);
}

/* Keys of one database, which were compared and not equal before. */
static void take(struct verify_result *result, int64_t database, struct verify_result *part) {
    static const size_t sums[] = {
        offsetof(struct verify_result, keys_equal),
        offsetof(struct verify_result, keys_hot),
        offsetof(struct verify_result, keys_expiring),
        offsetof(struct verify_result, keys_unverifiable),
        offsetof(struct verify_result, kinds.missing),
        offsetof(struct verify_result, kinds.extra),
        offsetof(struct verify_result, kinds.type),
        offsetof(struct verify_result, kinds.value),
        offsetof(struct verify_result, kinds.expiry),
    };
    struct verify_database *row = row_of(result, database);
    for (size_t i = 0; i < COUNT(sums); i++)
        *(int64_t *)(void *)((char *)result + sums[i]) +=
            *(const int64_t *)(const void *)((const char *)part + sums[i]);
    if (row)
        row->keys_equal += part->keys_equal;
    take_mismatches(result, part);
    for (size_t i = 0; i < part->hot.count; i++)
        *LIST_ADD(&result->hot) = MOVE(part->hot.items[i]);
}

/* A database at a time, so that each one's sums are known. */
static bool ask_again(const struct verify_options *options, const struct verify_keys *keys,
                      struct verify_result *result, int64_t *equal, struct error *err) {
    for (size_t d = 0; keys->count && d < result->databases.count; d++) {
        int64_t database = result->databases.items[d].database;
        AUTO(verify_keys_clear) struct verify_keys own = { 0 };
        AUTO(verify_result_clear) struct verify_result part = { 0 };
        for (size_t i = 0; i < keys->count; i++)
            if (keys->items[i].database == database)
                verify_keys_add(&own, database, keys->items[i].bytes, keys->items[i].length);
        if (!own.count)
            continue;
        if (!verify_keys(options, &own, &part, err))
            return false;
        *equal += part.keys_equal;
        take(result, database, &part);
    }
    return true;
}

/* Clears what the replica said of keys, and asks the primary for the same keys. */
static bool settle_keys(const struct verify_options *options, struct verify_result *result,
                        struct error *err) {
    AUTO(verify_keys_clear) struct verify_keys differing = result->mismatched;
    AUTO(verify_keys_clear) struct verify_keys hot = result->hot;
    int64_t quiet = 0;
    result->mismatched = result->hot = (struct verify_keys){ 0 };
    verify_result_keep(result, 0, 0);
    result->kinds = (struct verify_kinds){ 0 };
    result->keys_hot = 0;
    return ask_again(options, &differing, result, &result->replica_differs, err) &&
           ask_again(options, &hot, result, &quiet, err);
}

/* The numbers of keys, and the functions: neither are keys that could be asked for again. */
static bool settle_counts(const struct verify_options *options, int64_t functions,
                          struct verify_result *result, struct error *err) {
    struct verify_options counting = *options;
    AUTO(verify_result_clear) struct verify_result part = { 0 };
    counting.mode = VERIFY_COUNT;
    if (!verify_run(&counting, &part, err))
        return false;
    for (size_t i = 0; i < part.databases.count; i++) {
        const struct verify_database *said = &part.databases.items[i];
        struct verify_database *row = row_of(result, said->database);
        if (!row) {
            *LIST_ADD(&result->databases) = *said;
            continue;
        }
        int64_t compared = row->keys_compared, equal = row->keys_equal;
        *row = *said;
        row->keys_compared = compared;
        row->keys_equal = equal;
    }
    result->kinds.functions = part.kinds.functions;
    result->replica_differs +=
        functions > part.kinds.functions ? functions - part.kinds.functions : 0;
    take_mismatches(result, &part);
    return true;
}

/* More differs than is kept by name. */
static bool settle_whole(const struct verify_options *options, struct verify_result *result,
                         struct error *err) {
    AUTO(verify_result_clear) struct verify_result anew = { 0 };
    int64_t before = verify_kinds_sum(&result->kinds);
    if (!verify_run(options, &anew, err))
        return false;
    int64_t after = verify_kinds_sum(&anew.kinds);
    anew.took_ms += result->took_ms;
    anew.replica_differs = before > after ? before - after : 0;
    verify_result_clear(result);
    *result = MOVE(anew);
    return true;
}

bool verify_settle(const struct verify_options *options, struct redis_connection *primary,
                   struct verify_result *result, struct error *err) {
    struct verify_options again = *options;
    int64_t functions = result->kinds.functions;
    bool named =
        verify_kinds_sum(&result->kinds) - functions == (int64_t)result->mismatched.count &&
        result->keys_hot == (int64_t)result->hot.count;
    bool counted = functions == 0;
    again.source = primary;
    again.checkpoint_path = NULL;
    if (result->verdict == VERDICT_EQUAL)
        return true;
    if (!named)
        return settle_whole(&again, result, err);
    for (size_t i = 0; i < result->databases.count; i++)
        counted &= result->databases.items[i].verdict == VERDICT_EQUAL;
    if (!settle_keys(&again, result, err) ||
        (!counted && !settle_counts(&again, functions, result, err)))
        return false;
    if (result->mode == VERIFY_SAMPLE) {
        free(result->bound);
        result->bound = verify_bound(result);
    }
    verify_result_conclude(result);
    return true;
}
