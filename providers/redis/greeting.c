#include "providers/redis/greeting.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "schemas/base/memory.h"

static const struct {
    const char *code, *hint;
} hints[] = {
    { "NOAUTH", "the server requires a password: set source.password" },
    { "WRONGPASS", "check the user name and the password, and that the user is enabled" },
    { "NOPERM", "the user may not run this command: extend its ACL" },
    { "DENIED", "the server is in protected mode: set a password there, or protected-mode no" },
    { "LOADING", "the server is loading its data set: wait until it has finished" },
    { "BUSY", "a script is running on the server: wait until it ends, or run SCRIPT KILL" },
    { "MISCONF", "the server cannot write its snapshot: check its log and its disk" },
};

bool connection_refused(const struct redis_connection *connection, const char *command,
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

void greeting_queue(struct redis_connection *connection, const struct redis_options *options) {
    if (options->password)
        queue_auth(connection, options);
    redis_queue_words(connection, "PING", NULL);
    if (options->client_name)
        redis_queue_words(connection, "CLIENT", "SETNAME", options->client_name, NULL);
}

static bool take_auth(struct redis_connection *connection, struct error *err) {
    AUTO(redis_reply_free) struct redis_reply *reply = NULL;
    if (!redis_take(connection, &reply, err))
        return false;
    if (reply->type != REDIS_FAULT)
        return true;
    connection_refused(connection, "AUTH", reply, false, err);
    return err->hint ? false
                     : error_hint(err, "check the user name and the password; a server without a "
                                       "password refuses any");
}

bool greeting_is_last(const struct redis_reply *reply) {
    return is_fault(reply, "DENIED") || is_fault(reply, "ERR max number of clients");
}

bool greeting_take(struct redis_connection *connection, const struct redis_options *options,
                   struct error *err) {
    AUTO(redis_reply_free) struct redis_reply *pong = NULL, *named = NULL;
    if (connection->outgoing.bytes) /* it held the password */
        secret_wipe(connection->outgoing.bytes, connection->outgoing.capacity);
    if (options->password && !take_auth(connection, err))
        return false;
    if (!redis_take(connection, &pong, err))
        return false;
    if (is_fault(pong, "NOAUTH") || greeting_is_last(pong))
        return connection_refused(connection, "PING", pong, true, err);
    if (options->client_name && !redis_take(connection, &named, err))
        return false;
    return !named || named->type != REDIS_FAULT ||
           connection_refused(connection, "CLIENT SETNAME", named, true, err);
}
