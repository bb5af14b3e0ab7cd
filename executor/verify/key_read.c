#include "executor/verify/key_read.h"
#include "executor/verify/look.h"
#include "executor/verify/manners.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schemas/base/clock.h"
#include "schemas/base/memory.h"

#define ASK_CEILING_COUNT 8
#define STRING_CHUNK_BYTES ((int64_t)64 << 10)
#define VALUES_IN_FLIGHT_COUNT 32 /* big chunks asked for at once: bounds what we hold */

struct word word_of(const char *string) {
    return (struct word){ string, strlen(string) };
}

const struct redis_reply *reply_field(const struct redis_reply *map, const char *name) {
    for (size_t i = 0; i + 1 < map->count; i += 2)
        if (strcmp(redis_text(map->elements[i]), name) == 0)
            return map->elements[i + 1];
    return NULL;
}

void key_read_ask(struct key_read *read, struct redis_connection *connection, size_t count,
                  const struct word *words) {
    const char *bytes[ASK_CEILING_COUNT];
    size_t lengths[ASK_CEILING_COUNT];
    if (count > ASK_CEILING_COUNT)
        abort();
    for (size_t i = 0; i < count; i++) {
        bytes[i] = words[i].bytes;
        lengths[i] = words[i].length;
    }
    redis_queue(connection, count, bytes, lengths);
    read->awaited_count++;
}

static void string_queue(struct key_read *read, struct redis_connection *connection) {
    char from[24], to[24];
    (void)snprintf(from, sizeof from, "%" PRId64, read->at * STRING_CHUNK_BYTES);
    (void)snprintf(to, sizeof to, "%" PRId64, (read->at + 1) * STRING_CHUNK_BYTES - 1);
    ASK(read, connection, word_of("GETRANGE"), KEY(read), word_of(from), word_of(to));
}

static void string_take(struct key_read *read, struct redis_reply *const *replies) {
    struct element element = element_begin(&read->rules->hash_key, 's');
    element_number(&element, read->at++);
    element_bytes(&element, replies[0]->bytes, replies[0]->length);
    key_digest_add(&read->digest, &element);
    read->done = (int64_t)replies[0]->length < STRING_CHUNK_BYTES;
}

static void list_queue(struct key_read *read, struct redis_connection *connection) {
    char from[24], to[24];
    (void)snprintf(from, sizeof from, "%" PRId64, read->at);
    (void)snprintf(to, sizeof to, "%" PRId64, read->at + CHUNK_COUNT - 1);
    ASK(read, connection, word_of("LRANGE"), KEY(read), word_of(from), word_of(to));
}

static void list_take(struct key_read *read, struct redis_reply *const *replies) {
    for (size_t i = 0; i < replies[0]->count; i++) {
        const struct redis_reply *item = replies[0]->elements[i];
        struct element element = element_begin(&read->rules->hash_key, 'l');
        element_number(&element, read->at++);
        element_bytes(&element, item->bytes, item->length);
        key_digest_add(&read->digest, &element);
    }
    read->done = replies[0]->count < CHUNK_COUNT;
}

/* SSCAN, HSCAN and ZSCAN give an element twice when the table shrinks meanwhile; several chunks are
 * therefore held against the number of elements. */
static void scan_queue(struct key_read *read, struct redis_connection *connection, const char *scan,
                       const char *size) {
    if (read->stage == 2)
        ASK(read, connection, word_of(size), KEY(read));
    else
        ASK(read, connection, word_of(scan), KEY(read), word_of(read->cursor), word_of("COUNT"),
            word_of(SCAN_WORD));
}

/* The elements of a chunk, or NULL when this was the answer about their number. */
static const struct redis_reply *scan_chunk(struct key_read *read,
                                            struct redis_reply *const *replies) {
    if (read->stage == 2) {
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
    read->stage = last ? 2 : 1;
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
    scan_queue(read, connection, "HSCAN", "HLEN");
}

static void hash_take(struct key_read *read, struct redis_reply *const *replies) {
    const struct redis_reply *chunk = scan_chunk(read, replies);
    for (size_t i = 0; chunk && i + 1 < chunk->count; i += 2) {
        struct element element = element_begin(&read->rules->hash_key, 'f');
        element_bytes(&element, chunk->elements[i]->bytes, chunk->elements[i]->length);
        element_bytes(&element, chunk->elements[i + 1]->bytes, chunk->elements[i + 1]->length);
        key_digest_add(&read->digest, &element);
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

static const struct kind_reader string_reader = { "string", string_queue, string_take };
static const struct kind_reader list_reader = { "list", list_queue, list_take };
static const struct kind_reader set_reader = { "set", set_queue, set_take };
static const struct kind_reader sorted_set_reader = { "zset", sorted_set_queue, sorted_set_take };
static const struct kind_reader hash_reader = { "hash", hash_queue, hash_take };

static const struct kind_reader *const readers[] = {
    [KEY_STRING] = &string_reader,         [KEY_LIST] = &list_reader, [KEY_SET] = &set_reader,
    [KEY_SORTED_SET] = &sorted_set_reader, [KEY_HASH] = &hash_reader, [KEY_STREAM] = &stream_reader,
};

const char *key_kind_name(enum key_kind kind) {
    return kind == KEY_NONE ? "none" : kind == KEY_OTHER ? "other" : readers[kind]->name;
}

void key_read_init(struct key_read *read, const struct verify_key *key,
                   const struct read_rules *rules) {
    *read = (struct key_read){ .key = key, .rules = rules, .cursor = "0", .expire_at_ms = -1 };
}

void key_read_clear(struct key_read *read) {
    for (size_t i = 0; i < read->groups.count; i++)
        free(read->groups.items[i].name);
    free(read->groups.items);
    *read = (struct key_read){ 0 };
}

void key_read_queue(struct key_read *read, struct redis_connection *connection) {
    if (read->stage > 0) {
        readers[read->kind]->queue(read, connection);
        return;
    }
    ASK(read, connection, word_of("TYPE"), KEY(read));
    ASK(read, connection, word_of(read->rules->expiry_is_absolute ? "PEXPIRETIME" : "PTTL"),
        KEY(read));
}

static enum key_kind kind_of(const char *name) {
    if (strcmp(name, "none") == 0)
        return KEY_NONE;
    for (size_t i = KEY_STRING; i < COUNT(readers); i++)
        if (strcmp(name, readers[i]->name) == 0)
            return (enum key_kind)i;
    return KEY_OTHER;
}

static void take_type(struct key_read *read, struct redis_reply *const *replies) {
    read->kind = kind_of(redis_text(replies[0]));
    int64_t expiry = replies[1]->integer;
    if (expiry == -2 && read->kind != KEY_NONE)
        read->kind = KEY_NONE; /* it ended between the two commands */
    read->expire_at_ms = expiry < 0                        ? -1
                         : read->rules->expiry_is_absolute ? expiry
                                                           : clock_wall_ms() + expiry;
    read->stage = 1;
    read->done = read->kind == KEY_NONE || read->kind == KEY_OTHER;
}

struct replies {
    struct redis_reply *items[ASK_CEILING_COUNT];
};

static void replies_clear(struct replies *replies) {
    for (size_t i = 0; i < ASK_CEILING_COUNT; i++)
        redis_reply_free(replies->items[i]);
}
AUTO_VALUE(struct replies, replies_clear)

/* It was replaced under our hands, as opposed to a server that does not let us read. */
static bool is_change(const char *fault) {
    static const char *const signs[] = { "WRONGTYPE", "NOGROUP", "ERR no such key" };
    for (size_t i = 0; i < COUNT(signs); i++)
        if (strncmp(fault, signs[i], strlen(signs[i])) == 0)
            return true;
    return false;
}

bool key_read_accept(struct key_read *read, struct redis_reply *const *replies, size_t count,
                     const char **refusal) {
    for (size_t i = 0; i < count; i++) {
        if (replies[i]->type != REDIS_FAULT)
            continue;
        read->torn = read->done = true;
        *refusal = replies[i]->bytes;
        return is_change(replies[i]->bytes);
    }
    if (read->stage == 0)
        take_type(read, replies);
    else
        readers[read->kind]->take(read, replies);
    return true;
}

bool key_read_take(struct key_read *read, struct redis_connection *connection, struct error *err) {
    AUTO(replies_clear) struct replies replies = { 0 };
    size_t count = read->awaited_count;
    read->awaited_count = 0;
    for (size_t i = 0; i < count; i++)
        if (!redis_take(connection, &replies.items[i], err))
            return false;
    const char *refusal = NULL;
    if (key_read_accept(read, replies.items, count, &refusal))
        return true;
    error_set(err, ERROR_REFUSED, "%s refuses to be read: %s", redis_name(connection), refusal);
    return error_hint(err, "the user needs the read commands on every key: +@read ~*");
}

void key_reads_clear(struct key_reads *reads) {
    if (!reads)
        return;
    for (size_t i = 0; i < reads->count; i++)
        key_read_clear(&reads->items[i]);
    free(reads->items);
    *reads = (struct key_reads){ 0 };
}

static size_t queue_all(struct key_reads *reads) {
    size_t types = 0, values = 0, ceiling = VALUES_IN_FLIGHT_COUNT;
    if (reads && reads->count > 0 && reads->items[0].rules->in_flight_count > 0)
        ceiling = reads->items[0].rules->in_flight_count;
    for (size_t i = 0; reads && i < reads->count && values < ceiling; i++) {
        if (reads->items[i].done)
            continue;
        if (reads->items[i].stage == 0)
            types++;
        else
            values++;
        key_read_queue(&reads->items[i], reads->connection);
    }
    return types + values;
}

static bool take_all(struct key_reads *reads, struct error *err) {
    for (size_t i = 0; reads && i < reads->count; i++)
        if (reads->items[i].awaited_count > 0 &&
            !key_read_take(&reads->items[i], reads->connection, err))
            return false;
    return true;
}

bool key_reads_run(const struct verify_options *options, struct key_reads *one,
                   struct key_reads *two, struct error *err) {
    struct redis_connection *connections[] = { one->connection, two ? two->connection : NULL };
    while (queue_all(one) + queue_all(two) > 0) {
        int64_t sent_us = manners_now_us();
        redis_exchange(connections, 2, options->deadline_mono_ms);
        if (one->manners)
            manners_spent(one->manners, manners_now_us() - sent_us);
        if (!take_all(one, err) || !take_all(two, err) || !verify_go_on(options, 0, 0, err))
            return false;
    }
    return true;
}
