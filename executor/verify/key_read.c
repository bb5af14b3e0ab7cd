#include "executor/verify/key_read.h"
#include "executor/verify/flight.h"
#include "executor/verify/snapshot.h"
#include "executor/verify/throttle.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schemas/base/clock.h"
#include "schemas/base/memory.h"
#include "schemas/base/number.h"

#define SIZE_PLACE 2 /* behind type and expiry */
#define STRING_CHUNK_BYTES ((int64_t)READ_STRING_BYTES)
#define CHUNK_GROWTH 4

static void string_queue(struct key_read *read, struct redis_connection *connection) {
    char from[NUMBER_ROOM], to[NUMBER_ROOM];
    key_read_number(from, read->at * STRING_CHUNK_BYTES);
    key_read_number(to, (read->at + 1) * STRING_CHUNK_BYTES - 1);
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
    char from[NUMBER_ROOM], to[NUMBER_ROOM];
    key_read_number(from, read->at);
    key_read_number(to, read->at + (int64_t)read->asked_count - 1);
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
    read->done = replies[0]->count < read->asked_count;
}

static const struct kind_reader string_reader = { "string", string_queue, string_take };
static const struct kind_reader list_reader = { "list", list_queue, list_take };

static const struct kind_reader *const readers[] = {
    [KEY_STRING] = &string_reader,         [KEY_LIST] = &list_reader, [KEY_SET] = &set_reader,
    [KEY_SORTED_SET] = &sorted_set_reader, [KEY_HASH] = &hash_reader, [KEY_STREAM] = &stream_reader,
};

const char *key_kind_name(enum key_kind kind) {
    return kind == KEY_NONE ? "none" : kind == KEY_OTHER ? "other" : readers[kind]->name;
}

void key_read_init(struct key_read *read, const struct verify_key *key,
                   const struct read_rules *rules) {
    *read = (struct key_read){ .key = key,
                               .rules = rules,
                               .cursor = "0",
                               .expire_at_ms = -1,
                               .size_bytes = -1,
                               .chunk_count = CHUNK_FIRST_COUNT,
                               .asked_count = CHUNK_FIRST_COUNT };
}

static void stream_group_clear(struct stream_group *group) {
    free(group->name);
}

void key_read_clear(struct key_read *read) {
    LIST_CLEAR(&read->groups, stream_group_clear);
    names_clear(&read->fields);
    free(read->partial.items);
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
    if (read->size_bytes < 0 && read->rules->sizes_are_told)
        ASK(read, connection, word_of("MEMORY"), word_of("USAGE"), KEY(read));
}

static enum key_kind kind_of(const char *name) {
    if (strcmp(name, "none") == 0)
        return KEY_NONE;
    for (size_t i = KEY_STRING; i < COUNT(readers); i++)
        if (strcmp(name, readers[i]->name) == 0)
            return (enum key_kind)i;
    return KEY_OTHER;
}

/* A server that does not let us ask has no say in it. */
static void take_size(struct key_read *read, const struct redis_reply *size) {
    if (size->type == REDIS_INTEGER && size->integer >= 0)
        read->size_bytes = size->integer;
}

static void take_type(struct key_read *read, struct redis_reply *const *replies) {
    read->kind = kind_of(redis_text(replies[0]));
    int64_t expiry = replies[1]->integer;
    if (expiry == -2 && read->kind != KEY_NONE)
        read->kind = KEY_NONE; /* it ended between the two commands */
    read->expire_at_ms = expiry < 0                        ? -1
                         : read->rules->expiry_is_absolute ? expiry
                                                           : number_sum(clock_wall_ms(), expiry);
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

static size_t bytes_of(const struct redis_reply *reply) {
    size_t bytes = reply->length + sizeof *reply;
    for (size_t i = 0; i < reply->count; i++)
        bytes += bytes_of(reply->elements[i]);
    return bytes;
}

/* More the next time, as long as what came is not much. */
static void fit_chunk(struct key_read *read, uint64_t elements, size_t bytes) {
    if (elements == 0)
        return;
    size_t fitting = (size_t)(READ_CHUNK_BYTES * elements / bytes);
    size_t grown = CHUNK_GROWTH * read->chunk_count;
    size_t count = fitting < grown ? fitting : grown;
    read->chunk_count = count < 1 ? 1 : count < CHUNK_MOST_COUNT ? count : CHUNK_MOST_COUNT;
}

static void take_value(struct key_read *read, struct redis_reply *const *replies, size_t count) {
    uint64_t before = read->digest.count;
    size_t bytes = 0;
    for (size_t i = 0; i < count; i++)
        bytes += bytes_of(replies[i]);
    readers[read->kind]->take(read, replies);
    read->read_bytes += bytes;
    fit_chunk(read, read->digest.count - before, bytes);
}

bool key_read_accept(struct key_read *read, struct redis_reply *const *replies, size_t count,
                     const char **refusal) {
    for (size_t i = 0; i < count; i++) {
        bool size = read->stage == 0 && i == SIZE_PLACE;
        if (size)
            take_size(read, replies[i]);
        if (size || replies[i]->type != REDIS_FAULT)
            continue;
        read->torn = read->done = true;
        *refusal = replies[i]->bytes;
        return is_change(replies[i]->bytes);
    }
    if (read->stage == 0)
        take_type(read, replies);
    else
        take_value(read, replies, count);
    return true;
}

static bool key_read_take(struct key_read *read, struct redis_connection *connection,
                          struct error *err) {
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
    return refusal_hint(err, refusal, strlen(refusal));
}

void key_reads_clear(struct key_reads *reads) {
    if (!reads)
        return;
    LIST_CLEAR(reads, key_read_clear);
}

/* What one trip asks of one server. */
struct asked {
    size_t types, values;
    size_t chunk_count; /* of the last one */
    size_t bytes;       /* of the answers, at most */
};

static struct asked queue_all(struct key_reads *reads) {
    struct asked asked = { 0 };
    size_t ceiling = reads && reads->pace ? reads->pace->answers_count : ANSWERS_MOST_COUNT;
    size_t chunk = reads && reads->pace ? reads->pace->chunk_count : CHUNK_MOST_COUNT;
    for (size_t i = 0; reads && i < reads->count && asked.values < ceiling; i++) {
        struct key_read *read = &reads->items[i];
        if (read->done)
            continue;
        size_t bytes = flight_of(read);
        if (asked.bytes > 0 && asked.bytes + bytes > FLIGHT_BYTES)
            return asked;
        asked.bytes += bytes;
        asked.types += read->stage == 0;
        asked.values += read->stage > 0;
        read->asked_count = read->chunk_count < chunk ? read->chunk_count : chunk;
        asked.chunk_count = read->asked_count;
        key_read_queue(read, reads->connection);
    }
    return asked;
}

static bool take_all(struct key_reads *reads, size_t *bytes, struct error *err) {
    for (size_t i = 0; reads && i < reads->count; i++) {
        size_t before = reads->items[i].read_bytes;
        if (reads->items[i].awaited_count > 0 &&
            !key_read_take(&reads->items[i], reads->connection, err))
            return false;
        *bytes += reads->items[i].read_bytes - before;
    }
    return true;
}

bool key_reads_run(const struct verify_options *options, struct key_reads *one,
                   struct key_reads *two, struct error *err) {
    struct redis_connection *connections[] = { one->connection, two ? two->connection : NULL };
    for (;;) {
        struct asked first = queue_all(one), second = queue_all(two);
        const struct asked *more = first.values > second.values ? &first : &second;
        size_t bytes = 0;
        if (first.types + first.values + second.types + second.values == 0)
            return true;
        int64_t sent_us = throttle_now_us();
        redis_exchange(connections, 2, options->deadline_mono_ms);
        int64_t took_us = throttle_now_us() - sent_us;
        if (one->throttle)
            throttle_spent(one->throttle, took_us);
        if (!take_all(one, &bytes, err) || !take_all(two, &bytes, err) ||
            !verify_go_on(options, 0, 0, err))
            return false;
        if (one->pace)
            pace_judge(one->pace, more->values, more->chunk_count, took_us, bytes);
    }
}
