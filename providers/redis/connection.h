/* One connection: what is to be sent, what has come, and the first failure. Internal. */
#pragma once

#include "providers/redis/reader.h"
#include "providers/redis/redis.h"
#include "providers/redis/transport.h"
#include "schemas/base/text.h"

struct kept_reply {
    struct redis_reply *reply;
    size_t bytes;
};

struct redis_connection {
    struct transport transport;
    char *name, *host;
    uint16_t port;
    int64_t timeout_ms;

    struct text outgoing;
    size_t sent_bytes; /* of outgoing */

    struct reader *reader;
    size_t ceiling_bytes, kept_bytes;
    struct kept_reply *replies; /* came and not taken: [taken, came) */
    size_t taken_count, came_count, capacity_count;
    size_t awaited_count;             /* commands queued that have no reply yet */
    struct asked *asked, *asked_last; /* the same for a watcher, else NULL (watch.h) */

    bool tailing; /* what comes are commands of the replication log */
    int64_t tail_offset;
    struct error failure; /* the first; code ERROR_NONE while all is well */
};

/* Without a transport. */
struct redis_connection *connection_new(const struct redis_options *options);
/* A fault as an error. quote: the server's own words may be shown, but for the arguments that an
 * unknown command echoes: there may be a secret among them. */
bool connection_refused(const struct redis_connection *connection, const char *command,
                        const struct redis_reply *fault, bool quote, struct error *err);
/* Records the first failure, as "NAME: message"; closes the transport. */
void connection_fail(struct redis_connection *connection, struct error *err);
void connection_miss_deadline(struct redis_connection *connection); /* fails it with that */
bool connection_failed(const struct redis_connection *connection);
bool connection_repeat_failure(const struct redis_connection *connection, struct error *err);
/* Writes and reads what can be moved without waiting. */
void connection_write(struct redis_connection *connection);
void connection_read(struct redis_connection *connection);
bool connection_has_output(const struct redis_connection *connection);
int64_t connection_deadline(const struct redis_connection *connection, int64_t deadline_mono_ms);
/* Polls all until each is idle, failed or past the deadline; the last fails it only if
 * fail_at_deadline. "Idle" is nothing to write and, unless tailing, nothing awaited; while tailing
 * at least one command has come. */
void connections_run(struct redis_connection *const *connections, size_t count,
                     int64_t deadline_mono_ms, bool fail_at_deadline);
