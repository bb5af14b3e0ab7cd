#include "providers/local/machine/seed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "providers/local/machine/node.h"
#include "providers/redis/redis.h"
#include "schemas/base/clock.h"
#include "schemas/base/memory.h"
#include "schemas/base/slots.h"

#define BATCH 500
#define ANSWER_MS 60000
#define BIG_FROM_KEYS 1000 /* with fewer, big values would be most of the data */
#define BIG_ELEMENTS 10000
#define BIG_STRING_BYTES (1 << 20)
#define WORDS_CEILING 64

struct seeding {
    struct redis_connection **connections; /* a primary each */
    size_t *queued;
    size_t count;
    uint16_t shard_of[SLOT_COUNT];
    bool streams; /* the server knows them */
    struct error *err;
};

static void seeding_clear(struct seeding *seeding) {
    for (size_t i = 0; i < seeding->count; i++)
        redis_close(seeding->connections[i]);
    free(seeding->connections);
    free(seeding->queued);
}
AUTO_VALUE(struct seeding, seeding_clear)

static bool take_answers(struct seeding *seeding, size_t shard) {
    for (; seeding->queued[shard]; seeding->queued[shard]--) {
        AUTO(redis_reply_free) struct redis_reply *reply = NULL;
        if (!redis_take(seeding->connections[shard], &reply, seeding->err))
            return false;
        if (reply->type == REDIS_FAULT)
            return error_set(seeding->err, ERROR_REFUSED, "the source refused data: %s",
                             reply->bytes);
    }
    return true;
}

static bool flush(struct seeding *seeding) {
    redis_exchange(seeding->connections, seeding->count, clock_mono_ms() + ANSWER_MS);
    for (size_t i = 0; i < seeding->count; i++)
        if (!take_answers(seeding, i))
            return false;
    return true;
}

struct words {
    char room[WORDS_CEILING][48];
    const char *items[WORDS_CEILING];
    size_t count;
};

PRINTF_LIKE(2, 3) static void word(struct words *words, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(words->room[words->count], sizeof words->room[0], format, arguments);
    va_end(arguments);
    words->items[words->count] = words->room[words->count];
    words->count++;
}

static void queue(struct seeding *seeding, struct words *words) {
    size_t key = strcmp(words->items[0], "XGROUP") == 0       ? 2
                 : strcmp(words->items[0], "XREADGROUP") == 0 ? words->count - 2
                                                              : 1;
    int slot = slot_of_key(words->items[key], strlen(words->items[key]));
    redis_queue(seeding->connections[seeding->shard_of[slot]], words->count, words->items, NULL);
    seeding->queued[seeding->shard_of[slot]]++;
    words->count = 0;
}

static void queue_string(struct seeding *seeding, struct words *words, int i) {
    word(words, "SET");
    word(words, "user:%d:name", i);
    word(words, i % 3 ? "name of user %d" : "%d", i);
    queue(seeding, words);
}

static void queue_hash(struct seeding *seeding, struct words *words, int i) {
    word(words, "HMSET"); /* before 4.0 HSET takes one field */
    word(words, "user:%d:profile", i);
    for (int field = 0; field < 2 + i % 6; field++) {
        word(words, "field%d", field);
        word(words, "%d", i * 7 + field);
    }
    queue(seeding, words);
}

static void queue_list(struct seeding *seeding, struct words *words, int i) {
    word(words, "RPUSH");
    word(words, "queue:%d", i);
    for (int element = 0; element < 1 + i % 8; element++)
        word(words, "job %d of %d", element, i);
    queue(seeding, words);
}

static void queue_set(struct seeding *seeding, struct words *words, int i) {
    word(words, "SADD");
    word(words, "tags:%d", i);
    for (int member = 0; member < 1 + i % 8; member++)
        word(words, i % 2 ? "%d" : "tag %d", i + member);
    queue(seeding, words);
}

static void queue_scores(struct seeding *seeding, struct words *words, int i) {
    word(words, "ZADD");
    word(words, "scores:%d", i);
    for (int member = 0; member < 1 + i % 8; member++) {
        word(words, "%d.%03d", i % 1000 - 500, (i + member * 137) % 1000);
        word(words, "player %d", member);
    }
    queue(seeding, words);
}

static void queue_stream(struct seeding *seeding, struct words *words, int i) {
    for (int entry = 1; entry <= 3; entry++) {
        word(words, "XADD");
        word(words, "log:%d", i);
        word(words, "1700000000000-%d", entry);
        word(words, "level");
        word(words, "%d", (i + entry) % 5);
        queue(seeding, words);
    }
    word(words, "XGROUP");
    word(words, "CREATE");
    word(words, "log:%d", i);
    word(words, "readers");
    word(words, "0");
    queue(seeding, words);
    word(words, "XREADGROUP"); /* two entries stay pending */
    word(words, "GROUP");
    word(words, "readers");
    word(words, "reader 1");
    word(words, "COUNT");
    word(words, "2");
    word(words, "STREAMS");
    word(words, "log:%d", i);
    word(words, ">");
    queue(seeding, words);
}

/* Of 20 keys: 8 strings, 4 hashes, 3 lists, 2 sets, 2 sorted sets, 1 stream; 1 in 10 expires. */
static void queue_key(struct seeding *seeding, int i) {
    static const char kinds[] = "shslshzshslszshlthsx";
    struct words words;
    words.count = 0;
    const char *expires = NULL;
    char kind = kinds[i % 20];
    switch (kind == 'x' && !seeding->streams ? 's' : kind) {
    case 'h':
        queue_hash(seeding, &words, i);
        expires = "user:%d:profile";
        break;
    case 'l':
        queue_list(seeding, &words, i);
        break;
    case 't':
        queue_set(seeding, &words, i);
        break;
    case 'z':
        queue_scores(seeding, &words, i);
        break;
    case 'x':
        queue_stream(seeding, &words, i);
        break;
    default:
        queue_string(seeding, &words, i);
        if (i % 4 == 0) {
            word(&words, "EXPIRE");
            word(&words, "user:%d:name", i);
            word(&words, "%d", 3600 + i % 86400);
            queue(seeding, &words);
        }
        break;
    }
    if (expires && i % 5 == 0) {
        word(&words, "EXPIRE");
        word(&words, "user:%d:profile", i);
        word(&words, "%d", 7200 + i % 86400);
        queue(seeding, &words);
    }
}

static bool seed_big(struct seeding *seeding) {
    struct words words;
    words.count = 0;
    AUTO(string_free) char *bytes = xcalloc(BIG_STRING_BYTES + 1, 1);
    for (int i = 0; i < BIG_STRING_BYTES; i++)
        bytes[i] = (char)(1 + i % 251);
    size_t shard = seeding->shard_of[slot_of_key("big:string", strlen("big:string"))];
    redis_queue_words(seeding->connections[shard], "SET", "big:string", bytes, NULL);
    seeding->queued[shard]++;
    for (int i = 0; i < BIG_ELEMENTS; i++) {
        static const char *const commands[] = { "RPUSH", "SADD", "HSET", "ZADD" };
        for (size_t k = 0; k < COUNT(commands); k++) {
            word(&words, "%s", commands[k]);
            word(&words, "big:%s", commands[k]);
            if (k == 2)
                word(&words, "field %d", i);
            if (k == 3)
                word(&words, "%d.%d", i, i % 10);
            word(&words, "element %d", i);
            queue(seeding, &words);
        }
        if (i % BATCH == 0 && !flush(seeding))
            return false;
    }
    return flush(seeding);
}

static bool seed_database(struct seeding *seeding, const char *database, int from, int to) {
    for (size_t i = 0; i < seeding->count; i++) {
        redis_queue_words(seeding->connections[i], "SELECT", database, NULL);
        seeding->queued[i]++;
    }
    for (int i = from; i < to; i++) {
        queue_key(seeding, i);
        if (i % BATCH == 0 && !flush(seeding))
            return false;
    }
    return flush(seeding);
}

static bool open_shard(struct seeding *seeding, const struct state *state, size_t shard,
                       struct error *err) {
    const char *text = state->source_shards.items[shard].slots;
    const struct node *primary = shard_primary(&state->source, (int64_t)shard);
    struct slots slots = { 0 };
    char address[16];
    node_address(state, primary, address);
    struct redis_options options = { .host = address,
                                     .port = (uint16_t)state->node_port,
                                     .timeout_ms = ANSWER_MS };
    if (text && !slots_parse(text, strlen(text), &slots, err))
        return false;
    for (int slot = 0; slot < SLOT_COUNT; slot++)
        if (slots_have(&slots, slot))
            seeding->shard_of[slot] = (uint16_t)shard;
    return redis_open(&options, &seeding->connections[seeding->count++], err);
}

bool seed_source(const struct state *state, struct error *err) {
    size_t shards = state->source_shards.count;
    AUTO(seeding_clear)
    struct seeding seeding = { .connections = xcalloc(shards, sizeof *seeding.connections),
                               .queued = xcalloc(shards, sizeof *seeding.queued),
                               .streams = engine_major(state->source.items[0].engine_version) >= 5,
                               .err = err };
    for (size_t i = 0; i < shards; i++)
        if (!open_shard(&seeding, state, i, err))
            return false;
    int big = state->keys_count >= BIG_FROM_KEYS ? 5 : 0, count = (int)state->keys_count - big;
    int first = state->source.items[0].cluster_id ? count : count - count / 20;
    return (!big || seed_big(&seeding)) && seed_database(&seeding, "0", 0, first) &&
           (first == count || seed_database(&seeding, "1", first, count));
}
