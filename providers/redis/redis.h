/* Redis and Valkey servers: connections with deadlines and pipelines, many of them in one poll.
 *
 * The codec is hiredis, the transport is ours. A connection that failed stays failed (its first
 * error is repeated) until it is closed. Nothing here retries. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "providers/redis/tls.h"
#include "schemas/base/error.h"
#include "schemas/base/language.h"
#include "schemas/base/secret.h"
#include "schemas/base/strings.h"

#define REDIS_STRING_CEILING_BYTES ((size_t)512 << 20) /* proto-max-bulk-len's default */
/* Of one connection: the reply that is coming, and as much again of replies that came and were not
 * taken. client-query-buffer-limit's default: no command in a replication log is larger. */
#define REDIS_CEILING_BYTES ((size_t)1 << 30)
#define REDIS_FACTS_CEILING_BYTES ((size_t)64 << 20) /* where nothing but facts are asked for */

enum redis_type { REDIS_STRING, REDIS_STATUS, REDIS_FAULT, REDIS_INTEGER, REDIS_ARRAY, REDIS_NIL };

struct redis_reply {
    enum redis_type type;
    int64_t integer;
    char *bytes; /* string, status, fault: ends with NUL, may hold NULs; part of the reply; else
                    NULL */
    size_t length;
    struct redis_reply **elements;
    size_t count;
};
void redis_reply_free(struct redis_reply *reply);
AUTO_POINTER(struct redis_reply, redis_reply_free)
const char *redis_text(const struct redis_reply *reply); /* bytes of a string or status, else "" */

struct redis_options {
    const char *host;
    uint16_t port;
    const char *username;          /* NULL: the default user */
    const struct secret *password; /* NULL: no AUTH */
    const struct redis_tls *tls;   /* NULL: plain */
    int64_t timeout_ms;            /* to connect, and for a call without its own deadline */
    const char *client_name;       /* CLIENT SETNAME; NULL: none */
    size_t ceiling_bytes;          /* 0: REDIS_CEILING_BYTES */
};

struct redis_connection;

/* Connects, authenticates, names. ERROR_UNREACHABLE (not there, refused), ERROR_DEADLINE,
 * ERROR_REFUSED (the server answered with a fault: remote_code NOAUTH, WRONGPASS, DENIED …). Where
 * TLS was asked for, remote_code is "NO-TLS" when the port seems to speak none, "TLS" when either
 * side refuses the other. */
MUST_CHECK bool redis_open(const struct redis_options *options, struct redis_connection **out,
                           struct error *err);
void redis_close(struct redis_connection *connection);
AUTO_POINTER(struct redis_connection, redis_close)
const char *redis_name(const struct redis_connection *connection); /* "10.0.0.5:6379" */
const char *redis_host(const struct redis_connection *connection);
uint16_t redis_port(const struct redis_connection *connection);

/* One command, one reply. Words end with NULL. A fault of the server is ERROR_REFUSED with its
 * first word as remote_code. deadline_mono_ms 0 means now + timeout_ms. */
#define REDIS_NOW 0
MUST_CHECK bool redis_call(struct redis_connection *connection, int64_t deadline_mono_ms,
                           struct redis_reply **out, struct error *err, const char *word, ...)
    __attribute__((sentinel));

/* Pipelining. redis_queue only appends (lengths may be NULL: C strings); redis_exchange sends what
 * is queued on all the connections and reads until each has all its replies, has failed, or the
 * deadline passes; redis_take gives the replies in order (a fault is a reply here), or the
 * connection's error. A connection that missed the deadline is failed with ERROR_DEADLINE. */
void redis_queue(struct redis_connection *connection, size_t count, const char *const *words,
                 const size_t *lengths);
void redis_queue_words(struct redis_connection *connection, const char *word, ...)
    __attribute__((sentinel));
void redis_exchange(struct redis_connection *const *connections, size_t count,
                    int64_t deadline_mono_ms);
MUST_CHECK bool redis_take(struct redis_connection *connection, struct redis_reply **out,
                           struct error *err);

/* The replication log from an offset: PSYNC replid offset. +CONTINUE gives true and *continued;
 * then each redis_tail_next is one command of the log, or *out NULL when nothing came until the
 * deadline. +FULLRESYNC closes at once: true with *continued false. The connection is good for
 * nothing else. */
MUST_CHECK bool redis_tail(struct redis_connection *connection, const char *replid, int64_t offset,
                           bool *continued, struct error *err);
MUST_CHECK bool redis_tail_next(struct redis_connection *connection, int64_t deadline_mono_ms,
                                struct redis_reply **out, struct error *err);

/* Everything that is asked and answered, shown to one watcher: for a trace. Bulk reading (flow.h)
 * is not shown. Set before the first connection and before there is a second thread; the functions
 * are called by any thread. NULL ends it. */
struct redis_seen {
    const char *server, *command; /* HOST:PORT; what `asked` gave */
    const struct redis_reply *reply;
    const struct error *problem; /* the reply is NULL: why there is none */
    int64_t asked_mono_ms, answered_mono_ms;
};
struct redis_watch {
    /* What may be kept of the command's words, which can hold anything; NULL: nothing is shown. */
    char *(*asked)(void *context, size_t count, const char *const *words, const size_t *lengths);
    void (*answered)(void *context, const struct redis_seen *seen);
    void *context;
};
void redis_watch(const struct redis_watch *watch);

/* Splits HOST:PORT, [V6]:PORT; false when it is neither. host needs 256 bytes. */
MUST_CHECK bool redis_address_parse(const char *address, char host[256], uint16_t *port);
char *redis_address_text(const char *host, uint16_t port); /* the caller frees */
/* Adds the name's addresses by number, as HOST:PORT; nothing where the resolver knows none. INFO
 * names servers by number, no matter how they were named: this is how the two are compared. */
void redis_address_resolve(const char *host, uint16_t port, struct strings *out);
