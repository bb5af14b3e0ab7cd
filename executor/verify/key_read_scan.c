/* Sets, sorted sets and hashes, by SSCAN, ZSCAN and HSCAN. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "executor/verify/key_read.h"
#include "schemas/base/memory.h"

enum stage { STAGE_CHUNK = 1, STAGE_SIZE };

/* SSCAN, HSCAN and ZSCAN give an element twice when the table shrinks meanwhile; several chunks are
 * therefore held against the number of elements. */
static void scan_queue(struct key_read *read, struct redis_connection *connection, const char *scan,
                       const char *size) {
    if (read->stage == STAGE_SIZE) {
        ASK(read, connection, word_of(size), KEY(read));
        return;
    }
    char count[NUMBER_ROOM];
    key_read_number(count, (int64_t)read->asked_count);
    ASK(read, connection, word_of(scan), KEY(read), word_of(read->cursor), word_of("COUNT"),
        word_of(count));
}

/* The elements of a chunk, or NULL when this was the answer about their number. */
static const struct redis_reply *scan_chunk(struct key_read *read,
                                            struct redis_reply *const *replies) {
    if (read->stage == STAGE_SIZE) {
        read->torn |= replies[0]->integer != (int64_t)read->digest.count;
        read->done = true;
        return NULL;
    }
    if (replies[0]->count != 2) {
        read->torn = read->done = true;
        return NULL;
    }
    bool first = strcmp(read->cursor, "0") == 0;
    (void)snprintf(read->cursor, sizeof read->cursor, "%s", redis_text(replies[0]->elements[0]));
    bool last = strcmp(read->cursor, "0") == 0;
    read->done = first && last;
    read->stage = last ? STAGE_SIZE : STAGE_CHUNK;
    return replies[0]->elements[1];
}

static void set_queue(struct key_read *read, struct redis_connection *connection) {
    scan_queue(read, connection, "SSCAN", "SCARD");
}

static void set_take(struct key_read *read, struct redis_reply *const *replies) {
    const struct redis_reply *chunk = scan_chunk(read, replies);
    for (size_t i = 0; chunk && i < chunk->count; i++) {
        struct element element = element_begin(&read->rules->hash_key, 'm');
        element_bytes(&element, chunk->elements[i]->bytes, chunk->elements[i]->length);
        key_digest_add(&read->digest, &element);
    }
}

static void hash_queue(struct key_read *read, struct redis_connection *connection) {
    if (read->fields.count == 0) {
        scan_queue(read, connection, "HSCAN", "HLEN");
        return;
    }
    char count[NUMBER_ROOM];
    key_read_number(count, (int64_t)read->fields.count);
    size_t words = 4 + read->fields.count;
    const char **bytes = xcalloc(words, sizeof *bytes);
    size_t *lengths = xcalloc(words, sizeof *lengths);
    const struct word first[] = { word_of("HPEXPIRETIME"), KEY(read), word_of("FIELDS"),
                                  word_of(count) };
    for (size_t i = 0; i < words; i++) {
        bytes[i] = i < COUNT(first) ? first[i].bytes : names_bytes(&read->fields, i - COUNT(first));
        lengths[i] =
            i < COUNT(first) ? first[i].length : read->fields.items[i - COUNT(first)].length;
    }
    redis_queue(connection, words, bytes, lengths);
    read->awaited_count++;
    free(bytes);
    free(lengths);
}

/* -1: the field has no expiry, -2: it is gone. */
static void take_field_expiry(struct key_read *read, const struct redis_reply *times) {
    read->torn |= times->count != read->fields.count;
    for (size_t i = 0; !read->torn && i < times->count; i++) {
        struct element element = { &read->rules->hash_key, read->partial.items[i] };
        int64_t expire_at_ms = times->elements[i]->integer;
        read->torn |= expire_at_ms == -2 || times->elements[i]->type != REDIS_INTEGER;
        if (expire_at_ms >= 0)
            element_number(&element, expire_at_ms);
        key_digest_add(&read->digest, &element);
    }
    names_reset(&read->fields);
    read->partial.count = 0;
    read->done |= read->torn || read->one_chunk;
}

static void take_fields(struct key_read *read, struct redis_reply *const *replies) {
    const struct redis_reply *chunk = scan_chunk(read, replies);
    for (size_t i = 0; chunk && i + 1 < chunk->count; i += 2) {
        const struct redis_reply *field = chunk->elements[i], *value = chunk->elements[i + 1];
        struct element element = element_begin(&read->rules->hash_key, 'f');
        element_bytes(&element, field->bytes, field->length);
        element_bytes(&element, value->bytes, value->length);
        if (!read->fields_expire) {
            key_digest_add(&read->digest, &element);
            continue;
        }
        names_add(&read->fields, field->bytes ? field->bytes : "", field->length, 0, 0);
        *LIST_ADD(&read->partial) = element.hash;
    }
    read->one_chunk = read->done;
    read->done = read->done && read->fields.count == 0;
}

static void hash_take(struct key_read *read, struct redis_reply *const *replies) {
    if (read->fields.count > 0)
        take_field_expiry(read, replies[0]);
    else
        take_fields(read, replies);
    /* All its fields have expired: the server removes it when it comes to that, each at its time.
     */
    if (read->done && !read->torn && read->digest.count == 0) {
        read->kind = KEY_NONE;
        read->expire_at_ms = -1;
    }
}

static void sorted_set_queue(struct key_read *read, struct redis_connection *connection) {
    scan_queue(read, connection, "ZSCAN", "ZCARD");
}

static void sorted_set_take(struct key_read *read, struct redis_reply *const *replies) {
    const struct redis_reply *chunk = scan_chunk(read, replies);
    for (size_t i = 0; chunk && i + 1 < chunk->count; i += 2) {
        struct element element = element_begin(&read->rules->hash_key, 'z');
        element_bytes(&element, chunk->elements[i]->bytes, chunk->elements[i]->length);
        const struct redis_reply *score = chunk->elements[i + 1];
        element_score(&element, score_read(redis_text(score), strlen(redis_text(score))));
        key_digest_add(&read->digest, &element);
    }
}

const struct kind_reader set_reader = { "set", set_queue, set_take };
const struct kind_reader sorted_set_reader = { "zset", sorted_set_queue, sorted_set_take };
const struct kind_reader hash_reader = { "hash", hash_queue, hash_take };
