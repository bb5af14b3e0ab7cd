#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "providers/redis/connection.h"
#include "schemas/base/memory.h"

bool redis_tail(struct redis_connection *connection, const char *replid, int64_t offset,
                bool *continued, struct error *err) {
    char from[24];
    (void)snprintf(from, sizeof from, "%" PRId64, offset);
    /* What follows +CONTINUE in the same read are commands already. */
    connection->tailing = true;
    redis_queue_words(connection, "PSYNC", replid, from, NULL);
    connections_run(&connection, 1, connection_deadline(connection, REDIS_NOW), true);
    AUTO(redis_reply_free) struct redis_reply *reply = NULL;
    if (!redis_take(connection, &reply, err))
        return false;
    AUTO(error_clear) struct error over = { 0 };
    if (reply->type == REDIS_FAULT) {
        error_set(err, ERROR_REFUSED, "%s refused 'PSYNC': %s", connection->name, reply->bytes);
        AUTO(string_free) char *code = xstrndup(reply->bytes, strcspn(reply->bytes, " "));
        error_remote(err, code);
        error_set(&over, ERROR_REFUSED, "the replication log was refused");
        connection_fail(connection, &over);
        return false;
    }
    connection->tail_offset = offset;
    *continued = strncmp(redis_text(reply), "CONTINUE", 8) == 0;
    if (!*continued) {
        error_set(&over, ERROR_NOT_FOUND, "the server holds no replication log from this offset");
        connection_fail(connection, &over);
    }
    return true;
}

static int64_t digits(size_t value) {
    int64_t count = 1;
    for (; value >= 10; value /= 10)
        count++;
    return count;
}

/* Bytes of the command in the log: always written as an array of bulk strings. */
static int64_t logged_bytes(const struct redis_reply *command) {
    int64_t bytes = 1 + digits(command->count) + 2;
    for (size_t i = 0; i < command->count; i++) {
        size_t length = command->elements[i]->length;
        bytes += 1 + digits(length) + 2 + (int64_t)length + 2;
    }
    return bytes;
}

bool redis_tail_next(struct redis_connection *connection, int64_t deadline_mono_ms,
                     struct redis_reply **out, struct error *err) {
    connections_run(&connection, 1, connection_deadline(connection, deadline_mono_ms), false);
    if (connection->taken_count == connection->came_count) {
        if (connection_failed(connection))
            return connection_repeat_failure(connection, err);
        *out = NULL;
        return true;
    }
    AUTO(redis_reply_free) struct redis_reply *command = NULL;
    if (!redis_take(connection, &command, err))
        return false;
    if (command->type != REDIS_ARRAY)
        return error_set(err, ERROR_FORMAT, "%s: the data received is not a replication log",
                         connection->name);
    connection->tail_offset += logged_bytes(command);
    *out = TAKE(command);
    return true;
}
