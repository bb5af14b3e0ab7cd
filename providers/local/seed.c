/* Data for a source: every type, both encodings of most, expiries, two databases. The same count
 * gives the same data. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "providers/local/endpoint.h"
#include "providers/redis/redis.h"
#include "schemas/base/clock.h"
#include "schemas/base/memory.h"

#define BATCH 500
#define ANSWER_MS 60000
#define BIG_FROM_KEYS 1000 /* with fewer, big values would be most of the data */
#define BIG_ELEMENTS 10000
#define BIG_STRING_BYTES (1 << 20)
#define WORDS_CEILING 64

struct seeding {
    struct redis_connection *connection;
    size_t queued;
    struct error *err;
};

static bool flush(struct seeding *seeding) {
    redis_exchange(&seeding->connection, 1, clock_mono_ms() + ANSWER_MS);
    for (; seeding->queued; seeding->queued--) {
        AUTO(redis_reply_free) struct redis_reply *reply = NULL;
        if (!redis_take(seeding->connection, &reply, seeding->err))
            return false;
        if (reply->type == REDIS_FAULT)
            return error_set(seeding->err, ERROR_REFUSED, "the source refused data: %s",
                             reply->bytes);
    }
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
    redis_queue(seeding->connection, words->count, words->items, NULL);
    seeding->queued++;
    words->count = 0;
}

static void queue_string(struct seeding *seeding, struct words *words, int i) {
    word(words, "SET");
    word(words, "user:%d:name", i);
    word(words, i % 3 ? "name of user %d" : "%d", i);
    queue(seeding, words);
}

static void queue_hash(struct seeding *seeding, struct words *words, int i) {
    word(words, "HSET");
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
    switch (kinds[i % 20]) {
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
    redis_queue_words(seeding->connection, "SET", "big:string", bytes, NULL);
    seeding->queued++;
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
    redis_queue_words(seeding->connection, "SELECT", database, NULL);
    seeding->queued++;
    for (int i = from; i < to; i++) {
        queue_key(seeding, i);
        if (i % BATCH == 0 && !flush(seeding))
            return false;
    }
    return flush(seeding);
}

bool seed_source(const char *host, uint16_t port, int64_t keys, struct error *err) {
    AUTO(redis_close) struct redis_connection *connection = NULL;
    struct redis_options options = { .host = host, .port = port, .timeout_ms = ANSWER_MS };
    if (!redis_open(&options, &connection, err))
        return false;
    struct seeding seeding = { .connection = connection, .err = err };
    int big = keys >= BIG_FROM_KEYS ? 5 : 0, count = (int)keys - big, second = count / 20;
    return (!big || seed_big(&seeding)) && seed_database(&seeding, "0", 0, count - second) &&
           seed_database(&seeding, "1", count - second, count);
}
