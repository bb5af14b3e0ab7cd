#include "providers/redis/connection.h"

#include <hiredis/hiredis.h>
#include <stdlib.h>
#include <string.h>

#include "providers/redis/watch.h"
#include "schemas/base/clock.h"
#include "schemas/base/memory.h"

/* Small, because hiredis' reader moves the rest of its buffer after each reply it has read. */
#define READ_CHUNK_BYTES ((size_t)16 << 10)
#define OUTGOING_CEILING_BYTES ((size_t)1 << 30)
/* Taken before the password is written into it: growing would leave a copy of it behind. */
#define OUTGOING_BYTES 4000

struct redis_connection *connection_new(const struct redis_options *options) {
    static const char room[OUTGOING_BYTES];
    struct redis_connection *connection = xcalloc(1, sizeof *connection);
    connection->transport.fd = -1;
    connection->host = xstrdup(options->host);
    connection->port = options->port;
    connection->name = redis_address_text(options->host, options->port);
    connection->timeout_ms = options->timeout_ms;
    connection->ceiling_bytes =
        options->ceiling_bytes ? options->ceiling_bytes : REDIS_CEILING_BYTES;
    connection->reader = reader_new(connection->ceiling_bytes);
    text_init(&connection->outgoing, OUTGOING_CEILING_BYTES);
    text_add_bytes(&connection->outgoing, room, sizeof room);
    text_reset(&connection->outgoing);
    return connection;
}

bool connection_failed(const struct redis_connection *connection) {
    return connection->failure.code != ERROR_NONE;
}

void connection_fail(struct redis_connection *connection, struct error *err) {
    if (!connection_failed(connection)) {
        error_wrap(err, "%s", connection->name);
        error_move(&connection->failure, err);
        if (connection->asked)
            watch_answered(connection, NULL);
    }
    transport_close(&connection->transport);
}

bool connection_repeat_failure(const struct redis_connection *connection, struct error *err) {
    const struct error *failure = &connection->failure;
    error_set(err, failure->code, "%s", failure->message);
    if (failure->hint)
        error_hint(err, "%s", failure->hint);
    return error_remote(err, failure->remote_code);
}

static void fail_closed(struct redis_connection *connection) {
    AUTO(error_clear) struct error err = { 0 };
    error_set(&err, ERROR_UNREACHABLE, "the server closed the connection");
    error_hint(&err, "check the server's log for the reason");
    connection_fail(connection, &err);
}

bool connection_has_output(const struct redis_connection *connection) {
    return connection->sent_bytes < connection->outgoing.length;
}

void connection_write(struct redis_connection *connection) {
    while (!connection_failed(connection) && connection_has_output(connection)) {
        AUTO(error_clear) struct error err = { 0 };
        size_t moved = 0;
        switch (connection->transport.kind->write(
            &connection->transport, connection->outgoing.bytes + connection->sent_bytes,
            connection->outgoing.length - connection->sent_bytes, &moved, &err)) {
        case TRANSPORT_DONE:
            connection->sent_bytes += moved;
            break;
        case TRANSPORT_AGAIN:
            return;
        case TRANSPORT_CLOSED:
            fail_closed(connection);
            return;
        case TRANSPORT_FAILED:
            /* The server may have said why before it closed (-DENIED): read that first. */
            connection_read(connection);
            connection_fail(connection, &err);
            return;
        }
    }
    text_reset(&connection->outgoing);
    connection->sent_bytes = 0;
}

static void keep(struct redis_connection *connection, struct redis_reply *reply) {
    if (connection->taken_count == connection->came_count)
        connection->taken_count = connection->came_count = 0;
    if (connection->came_count == connection->capacity_count) {
        connection->capacity_count =
            connection->capacity_count ? connection->capacity_count * 2 : 8;
        connection->replies =
            xrealloc(connection->replies, connection->capacity_count, sizeof(struct kept_reply));
    }
    size_t bytes = reader_reply_bytes(connection->reader);
    connection->replies[connection->came_count++] = (struct kept_reply){ reply, bytes };
    connection->kept_bytes += bytes;
}

static void decode(struct redis_connection *connection) {
    for (;;) {
        AUTO(error_clear) struct error err = { 0 };
        AUTO(redis_reply_free) struct redis_reply *reply = NULL;
        if (!reader_next(connection->reader, &reply, &err)) {
            connection_fail(connection, &err);
            return;
        }
        if (!reply)
            return;
        if (connection->awaited_count == 0 && !connection->tailing) {
            /* A fault nobody asked for says why the server is about to close. */
            error_set(&err, reply->type == REDIS_FAULT ? ERROR_REFUSED : ERROR_FORMAT,
                      "the server sent a reply without a command");
            connection_fail(connection, &err);
            return;
        }
        if (!connection->tailing)
            connection->awaited_count--;
        if (connection->asked)
            watch_answered(connection, reply);
        keep(connection, TAKE(reply));
        if (connection->kept_bytes > connection->ceiling_bytes) {
            error_set(&err, ERROR_LIMIT, "the replies are larger than %zu bytes",
                      connection->ceiling_bytes);
            connection_fail(connection, &err);
            return;
        }
    }
}

void connection_read(struct redis_connection *connection) {
    char chunk[READ_CHUNK_BYTES];
    /* A bounded number of rounds, so that one busy server does not starve the others. */
    for (int round = 0; round < 16 && !connection_failed(connection); round++) {
        AUTO(error_clear) struct error err = { 0 };
        size_t moved = 0;
        switch (connection->transport.kind->read(&connection->transport, chunk, sizeof chunk,
                                                 &moved, &err)) {
        case TRANSPORT_DONE:
            reader_feed(connection->reader, chunk, moved);
            decode(connection);
            break;
        case TRANSPORT_AGAIN:
            return;
        case TRANSPORT_CLOSED:
            fail_closed(connection);
            return;
        case TRANSPORT_FAILED:
            connection_fail(connection, &err);
            return;
        }
    }
}

void redis_queue(struct redis_connection *connection, size_t count, const char *const *words,
                 const size_t *lengths) {
    if (connection_failed(connection))
        return;
    char *command = NULL;
    /* hiredis takes the words without const and leaves them alone. */
    long long length =
        redisFormatCommandArgv(&command, (int)count, (const char **)(uintptr_t)words, lengths);
    if (length < 0)
        abort();
    text_add_bytes(&connection->outgoing, command, (size_t)length);
    secret_wipe(command, (size_t)length);
    redisFreeCommand(command);
    connection->awaited_count++;
    if (watch_is_on())
        watch_asked(connection, count, words, lengths);
    AUTO(error_clear) struct error err = { 0 };
    if (!text_ok(&connection->outgoing, "the input queued for the server", &err))
        connection_fail(connection, &err);
}

bool redis_take(struct redis_connection *connection, struct redis_reply **out, struct error *err) {
    if (connection->taken_count < connection->came_count) {
        const struct kept_reply *kept = &connection->replies[connection->taken_count++];
        connection->kept_bytes -= kept->bytes;
        *out = kept->reply;
        return true;
    }
    if (connection_failed(connection))
        return connection_repeat_failure(connection, err);
    return error_set(err, ERROR_FAILED, "%s: no reply is left to take", connection->name);
}

int64_t connection_deadline(const struct redis_connection *connection, int64_t deadline_mono_ms) {
    return deadline_mono_ms == REDIS_NOW ? clock_mono_ms() + connection->timeout_ms
                                         : deadline_mono_ms;
}

const char *redis_name(const struct redis_connection *connection) {
    return connection->name;
}

const char *redis_host(const struct redis_connection *connection) {
    return connection->host;
}

uint16_t redis_port(const struct redis_connection *connection) {
    return connection->port;
}

void redis_close(struct redis_connection *connection) {
    if (!connection)
        return;
    transport_close(&connection->transport);
    watch_clear(connection);
    reader_free(connection->reader);
    for (size_t i = connection->taken_count; i < connection->came_count; i++)
        redis_reply_free(connection->replies[i].reply);
    free(connection->replies);
    if (connection->outgoing.bytes)
        secret_wipe(connection->outgoing.bytes, connection->outgoing.capacity);
    text_clear(&connection->outgoing);
    error_clear(&connection->failure);
    free(connection->name);
    free(connection->host);
    free(connection);
}
