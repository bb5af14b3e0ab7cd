/* A byte stream to a server that never blocks. TCP is common to all; what runs on it (nothing, TLS)
 * is a kind. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "providers/redis/tls.h"
#include "schemas/base/error.h"
#include "schemas/base/language.h"

enum transport_outcome { TRANSPORT_DONE, TRANSPORT_AGAIN, TRANSPORT_CLOSED, TRANSPORT_FAILED };

struct transport {
    int fd;
    const struct transport_kind *kind;
    void *session; /* the kind's own */
};

struct transport_kind {
    /* Once the TCP connection stands; NULL: nothing to prepare. */
    bool (*begin)(struct transport *transport, const struct redis_tls *tls, const char *host,
                  struct error *err);
    /* From then on, until it answers DONE. */
    enum transport_outcome (*handshake)(struct transport *transport, struct error *err);
    /* DONE with *moved above 0, or AGAIN: poll for wants(). */
    enum transport_outcome (*read)(struct transport *transport, char *bytes, size_t length,
                                   size_t *moved, struct error *err);
    enum transport_outcome (*write)(struct transport *transport, const char *bytes, size_t length,
                                    size_t *moved, struct error *err);
    /* Events for poll(2); has_output: there is something to write. */
    short (*wants)(const struct transport *transport, bool has_output);
    void (*close)(struct transport *transport); /* the session; the fd is closed after it */
};

extern const struct transport_kind transport_plain, transport_tls;

/* Resolves (getaddrinfo: bounded by the resolver only), connects to the first address that answers,
 * shakes hands. Without `tls` nothing runs on TCP. ERROR_UNREACHABLE, ERROR_DEADLINE. */
MUST_CHECK bool transport_open(const struct redis_tls *tls, const char *host, uint16_t port,
                               int64_t deadline_mono_ms, struct transport *out, struct error *err);
void transport_close(struct transport *transport);
const char *transport_reason(int number); /* "connection refused" of ECONNREFUSED */
