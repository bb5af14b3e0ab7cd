#include "executor/site/many.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "schemas/base/memory.h"

#define WORDS_MAX 16

void many_add(struct many *many, struct redis_connection *connection) {
    *LIST_ADD(many) = connection;
}

void many_clear(struct many *many) {
    if (!many)
        return;
    free(many->items);
    *many = (struct many){ 0 };
}

void many_replies_clear(struct many_replies *replies) {
    if (!replies)
        return;
    LIST_CLEAR(replies, redis_reply_free_at);
}

static bool take(struct redis_connection *server, struct redis_reply **out, struct error *err) {
    AUTO(redis_reply_free) struct redis_reply *reply = NULL;
    if (!server)
        return error_set(err, ERROR_UNREACHABLE, "a server is not connected");
    if (!redis_take(server, &reply, err))
        return false;
    if (reply->type == REDIS_FAULT) {
        AUTO(string_free) char *code = xstrndup(reply->bytes, strcspn(reply->bytes, " "));
        error_set(err, ERROR_REFUSED, "'%s': %s", redis_name(server), reply->bytes);
        return error_remote(err, code);
    }
    *out = TAKE(reply);
    return true;
}

bool many_exchange(const struct many *servers, int64_t deadline_mono_ms,
                   struct many_replies *replies, struct error *err) {
    AUTO(many_replies_clear) struct many_replies came = { 0 };
    bool fine = true;
    redis_exchange(servers->items, servers->count, deadline_mono_ms);
    came.items = xcalloc(servers->count + 1, sizeof *came.items);
    came.count = servers->count;
    for (size_t i = 0; i < servers->count; i++) {
        AUTO(error_clear) struct error failure = { 0 };
        if (!take(servers->items[i], &came.items[i], &failure) && fine) {
            fine = false;
            error_move(err, &failure);
        }
    }
    if (replies) {
        many_replies_clear(replies);
        *replies = MOVE(came);
    }
    return fine;
}

bool many_call(const struct many *servers, int64_t deadline_mono_ms, struct many_replies *replies,
               struct error *err, const char *word, ...) {
    const char *words[WORDS_MAX];
    size_t count = 0;
    va_list rest;
    va_start(rest, word);
    for (const char *next = word; next && count < WORDS_MAX; next = va_arg(rest, const char *))
        words[count++] = next;
    va_end(rest);
    for (size_t i = 0; i < servers->count; i++)
        if (servers->items[i])
            redis_queue(servers->items[i], count, words, NULL);
    return many_exchange(servers, deadline_mono_ms, replies, err);
}
