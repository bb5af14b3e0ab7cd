/* The words of redis.h: opening, one call at a time, addresses. */
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "providers/redis/connection.h"
#include "schemas/base/clock.h"
#include "schemas/base/memory.h"

#define WORDS_CEILING_COUNT 256
#define OUTGOING_CEILING_BYTES ((size_t)1 << 30)

static const struct {
    const char *code, *hint;
} hints[] = {
    { "NOAUTH", "the server wants a password: give one, as source.password" },
    { "WRONGPASS", "check the user name and the password, and that the user is enabled" },
    { "NOPERM", "the user may not run this command: extend its ACL" },
    { "DENIED", "the server is in protected mode: set a password there, or protected-mode no" },
    { "LOADING", "the server is reading its data set: wait until it has finished" },
    { "BUSY", "a script is running on the server: wait for its end, or SCRIPT KILL" },
    { "MISCONF", "the server cannot write its snapshot: see its log and its disk" },
};

struct words {
    const char *items[WORDS_CEILING_COUNT];
    size_t count;
};

static void words_gather(struct words *words, const char *word, va_list rest) {
    words->count = 0;
    for (; word; word = va_arg(rest, const char *)) {
        if (words->count == WORDS_CEILING_COUNT)
            abort(); /* redis_callv is for long commands */
        words->items[words->count++] = word;
    }
}

/* A fault as an error. quote: the server's own words may be shown, but for the arguments that an
 * unknown command echoes: there may be a secret among them. */
static bool refused(const struct redis_connection *connection, const char *command,
                    const struct redis_reply *fault, bool quote, struct error *err) {
    char code[32] = "";
    size_t length = strcspn(fault->bytes, " ");
    (void)snprintf(code, sizeof code, "%.*s", (int)(length < sizeof code ? length : 0),
                   fault->bytes);
    AUTO(text_clear) struct text shown = { 0 };
    const char *words = quote ? fault->bytes : code;
    const char *echo = strstr(words, ", with args beginning with");
    size_t end = echo ? (size_t)(echo - words) : strlen(words);
    for (size_t i = 0; i < end && i < 512; i++)
        text_add_char(&shown, isprint((unsigned char)words[i]) ? words[i] : '?');
    error_set(err, ERROR_REFUSED, "%s refused '%s': %s", connection->name, command,
              text_string(&shown));
    error_remote(err, code);
    for (size_t i = 0; i < COUNT(hints); i++)
        if (strcmp(hints[i].code, code) == 0)
            error_hint(err, "%s", hints[i].hint);
    return false;
}

bool redis_callv(struct redis_connection *connection, int64_t deadline_mono_ms, size_t count,
                 const char *const *words, const size_t *lengths, struct redis_reply **out,
                 struct error *err) {
    redis_queue(connection, count, words, lengths);
    redis_exchange(&connection, 1, deadline_mono_ms);
    AUTO(redis_reply_free) struct redis_reply *reply = NULL;
    if (!redis_take(connection, &reply, err))
        return false;
    if (reply->type == REDIS_FAULT)
        return refused(connection, words[0], reply, true, err);
    *out = TAKE(reply);
    return true;
}

bool redis_call(struct redis_connection *connection, int64_t deadline_mono_ms,
                struct redis_reply **out, struct error *err, const char *word, ...) {
    struct words words;
    va_list rest;
    va_start(rest, word);
    words_gather(&words, word, rest);
    va_end(rest);
    return redis_callv(connection, deadline_mono_ms, words.count, words.items, NULL, out, err);
}

void redis_queue_words(struct redis_connection *connection, const char *word, ...) {
    struct words words;
    va_list rest;
    va_start(rest, word);
    words_gather(&words, word, rest);
    va_end(rest);
    redis_queue(connection, words.count, words.items, NULL);
}

static void queue_auth(struct redis_connection *connection, const struct redis_options *options) {
    const char *words[3] = { "AUTH" };
    size_t lengths[3] = { 4 }, count = 1;
    if (options->username) {
        words[count] = options->username;
        lengths[count++] = strlen(options->username);
    }
    words[count] = secret_bytes(options->password);
    lengths[count++] = secret_length(options->password);
    redis_queue(connection, count, words, lengths);
}

static bool is_fault(const struct redis_reply *reply, const char *code) {
    size_t length = strlen(code);
    return reply->type == REDIS_FAULT && strncmp(reply->bytes, code, length) == 0;
}

/* AUTH, then a name, then PING: a server in protected mode, or one that wants a password, says so
 * to the first command, whatever it is. One that is loading is good enough for INFO. */
static bool greet(struct redis_connection *connection, const struct redis_options *options,
                  int64_t deadline_mono_ms, struct error *err) {
    if (options->password)
        queue_auth(connection, options);
    redis_queue_words(connection, "PING", NULL);
    if (options->client_name)
        redis_queue_words(connection, "CLIENT", "SETNAME", options->client_name, NULL);
    redis_exchange(&connection, 1, deadline_mono_ms);
    if (connection->outgoing.bytes) /* it held the password */
        secret_wipe(connection->outgoing.bytes, connection->outgoing.capacity);
    if (options->password) {
        AUTO(redis_reply_free) struct redis_reply *reply = NULL;
        if (!redis_take(connection, &reply, err))
            return false;
        if (reply->type == REDIS_FAULT) {
            refused(connection, "AUTH", reply, false, err);
            return err->hint ? false
                             : error_hint(err, "check the user name and the password; a server "
                                               "without a password refuses any");
        }
    }
    AUTO(redis_reply_free) struct redis_reply *pong = NULL;
    if (!redis_take(connection, &pong, err))
        return false;
    if (is_fault(pong, "NOAUTH") || is_fault(pong, "DENIED") ||
        is_fault(pong, "ERR max number of clients"))
        return refused(connection, "PING", pong, true, err);
    AUTO(redis_reply_free) struct redis_reply *named = NULL;
    if (options->client_name && !redis_take(connection, &named, err))
        return false;
    return !named || named->type != REDIS_FAULT ||
           refused(connection, "CLIENT SETNAME", named, true, err);
}

bool redis_open(const struct redis_options *options, struct redis_connection **out,
                struct error *err) {
    int64_t deadline_mono_ms = clock_mono_ms() + options->timeout_ms;
    struct transport transport;
    if (!transport_open(&transport_plain, options->host, options->port, deadline_mono_ms,
                        &transport, err))
        return false;
    AUTO(redis_close) struct redis_connection *connection = xcalloc(1, sizeof *connection);
    connection->transport = transport;
    connection->host = xstrdup(options->host);
    connection->port = options->port;
    connection->name = redis_address_text(options->host, options->port);
    connection->timeout_ms = options->timeout_ms;
    connection->reader = reader_new(REDIS_REPLY_CEILING_BYTES);
    text_init(&connection->outgoing, OUTGOING_CEILING_BYTES);
    if (!greet(connection, options, deadline_mono_ms, err))
        return false;
    *out = TAKE(connection);
    return true;
}
