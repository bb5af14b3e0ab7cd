/* The words of redis.h: opening, and one call at a time. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "providers/redis/connection.h"
#include "providers/redis/greeting.h"
#include "schemas/base/clock.h"
#include "schemas/base/memory.h"

#define WORDS_CEILING_COUNT 256

struct words {
    const char *items[WORDS_CEILING_COUNT];
    size_t count;
};

static void words_gather(struct words *words, const char *word, va_list rest) {
    words->count = 0;
    for (; word; word = va_arg(rest, const char *)) {
        if (words->count == WORDS_CEILING_COUNT)
            abort(); /* redis_queue is for long commands */
        words->items[words->count++] = word;
    }
}

bool redis_call(struct redis_connection *connection, int64_t deadline_mono_ms,
                struct redis_reply **out, struct error *err, const char *word, ...) {
    struct words words;
    va_list rest;
    va_start(rest, word);
    words_gather(&words, word, rest);
    va_end(rest);
    redis_queue(connection, words.count, words.items, NULL);
    redis_exchange(&connection, 1, deadline_mono_ms);
    AUTO(redis_reply_free) struct redis_reply *reply = NULL;
    if (!redis_take(connection, &reply, err))
        return false;
    if (reply->type == REDIS_FAULT)
        return connection_refused(connection, word, reply, true, err);
    *out = TAKE(reply);
    return true;
}

void redis_queue_words(struct redis_connection *connection, const char *word, ...) {
    struct words words;
    va_list rest;
    va_start(rest, word);
    words_gather(&words, word, rest);
    va_end(rest);
    redis_queue(connection, words.count, words.items, NULL);
}

bool redis_open(const struct redis_options *options, struct redis_connection **out,
                struct error *err) {
    int64_t deadline_mono_ms = clock_mono_ms() + options->timeout_ms;
    AUTO(redis_close) struct redis_connection *connection = connection_new(options);
    if (!transport_open(options->tls, options->host, options->port, deadline_mono_ms,
                        &connection->transport, err))
        return false;
    greeting_queue(connection, options);
    redis_exchange(&connection, 1, deadline_mono_ms);
    if (!greeting_take(connection, options, err))
        return false;
    *out = TAKE(connection);
    return true;
}
