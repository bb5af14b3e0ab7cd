#include "executor/verify/sample.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schemas/base/memory.h"

#define DRAW_COUNT 500 /* RANDOMKEY in one pipeline */

/* Written by old ElastiCache on its own. */
static const char ignored[] = "ElastiCacheMasterReplicationTimestamp";

static int compare_keys(const void *left, const void *right) {
    const struct verify_key *one = left, *two = right;
    if (one->database != two->database)
        return one->database < two->database ? -1 : 1;
    size_t shorter = one->length < two->length ? one->length : two->length;
    int order = shorter ? memcmp(one->bytes, two->bytes, shorter) : 0;
    if (order != 0 || one->length == two->length)
        return order;
    return one->length < two->length ? -1 : 1;
}

void verify_keys_unique(struct verify_keys *keys) {
    if (keys->count == 0)
        return;
    qsort(keys->items, keys->count, sizeof *keys->items, compare_keys);
    struct verify_keys unique = { 0 };
    for (size_t i = 0; i < keys->count; i++) {
        struct verify_key key = keys->items[i];
        if (unique.count && compare_keys(&unique.items[unique.count - 1], &key) == 0)
            free(key.bytes);
        else
            *LIST_ADD(&unique) = key;
    }
    free(keys->items);
    *keys = unique;
}

int64_t sample_share(const struct snapshot *snapshot, int64_t database, int64_t wanted) {
    int64_t total = snapshot->keyspace.total_keys, held = keyspace_row(snapshot, database).keys;
    if (wanted >= total)
        return held;
    /* Real numbers, because the product of the two may not fit. */
    int64_t share = (int64_t)((double)wanted * ((double)held / (double)total)) + 1;
    return held == 0 ? 0 : share < held ? share : held;
}

bool verify_ignores(const char *name, size_t length) {
    return length == sizeof ignored - 1 && memcmp(name, ignored, length) == 0;
}

static void add(struct verify_keys *keys, int64_t database, const struct redis_reply *name) {
    if (!verify_ignores(name->bytes, name->length))
        verify_keys_add(keys, database, name->bytes, name->length);
}

static bool scan_all(const struct sampling *sampling, struct verify_keys *keys, struct error *err) {
    struct redis_connection *connection = sampling->connection;
    char cursor[24] = "0";
    do {
        AUTO(redis_reply_free) struct redis_reply *reply = NULL;
        if (!verify_go_on(sampling->options, 0, 0, err) ||
            !redis_call(connection, sampling->options->deadline_mono_ms, &reply, err, "SCAN",
                        cursor, "COUNT", "1000", NULL))
            return false;
        if (reply->count != 2)
            return error_set(err, ERROR_FORMAT, "%s gave an unexpected reply to 'SCAN'",
                             redis_name(connection));
        (void)snprintf(cursor, sizeof cursor, "%s", redis_text(reply->elements[0]));
        for (size_t i = 0; i < reply->elements[1]->count; i++)
            if (reply->elements[1]->elements[i]->bytes)
                add(keys, sampling->database, reply->elements[1]->elements[i]);
    } while (strcmp(cursor, "0") != 0);
    return true;
}

static bool draw(const struct sampling *sampling, int64_t count, struct verify_keys *keys,
                 struct error *err) {
    struct redis_connection *connection = sampling->connection;
    for (int64_t i = 0; i < count; i++)
        redis_queue_words(connection, "RANDOMKEY", NULL);
    redis_exchange(&connection, 1, sampling->options->deadline_mono_ms);
    for (int64_t i = 0; i < count; i++) {
        AUTO(redis_reply_free) struct redis_reply *name = NULL;
        if (!redis_take(connection, &name, err))
            return false;
        if (name->type == REDIS_FAULT)
            return error_set(err, ERROR_REFUSED, "%s refused 'RANDOMKEY': %s",
                             redis_name(connection), name->bytes);
        if (name->type == REDIS_STRING) /* nil: the database is empty by now */
            add(keys, sampling->database, name);
    }
    return true;
}

bool sample_keys(const struct sampling *sampling, struct verify_keys *keys, bool *all,
                 struct error *err) {
    int64_t wanted = sampling->wanted;
    AUTO(verify_keys_clear) struct verify_keys picked = { 0 };
    *all = wanted >= sampling->held;
    if (*all && !scan_all(sampling, &picked, err))
        return false;
    /* Drawing all but a few takes about three draws a key; more means that keys are going away. */
    int64_t draws_left = 4 * wanted + DRAW_COUNT;
    while (!*all && (int64_t)picked.count < wanted && draws_left > 0) {
        int64_t missing = wanted - (int64_t)picked.count;
        int64_t left = missing;
        for (; left > 0; left -= DRAW_COUNT)
            if (!verify_go_on(sampling->options, 0, 0, err) ||
                !draw(sampling, left < DRAW_COUNT ? left : DRAW_COUNT, &picked, err))
                return false;
        draws_left -= missing;
        verify_keys_unique(&picked);
    }
    verify_keys_unique(&picked);
    for (size_t i = 0; i < picked.count; i++) {
        *LIST_ADD(keys) = picked.items[i];
        picked.items[i].bytes = NULL;
    }
    return true;
}
