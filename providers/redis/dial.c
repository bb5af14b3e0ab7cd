#include "providers/redis/dial.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "schemas/base/clock.h"
#include "schemas/base/memory.h"

struct dial {
    const struct redis_tls *tls; /* NULL: plain */
    char *host;
    uint16_t port;
    struct addrinfo *addresses;
    const struct addrinfo *next; /* not tried yet */
    int64_t left_count;          /* of those */
    int64_t deadline_mono_ms, until_mono_ms;
    int failure; /* errno of the last address */
    bool connected;
    struct transport transport; /* fd -1 between two addresses */
};

static bool unreachable(const struct dial *dial, const char *reason, struct error *err) {
    error_set(err, ERROR_UNREACHABLE, "cannot connect to %s:%u: %s", dial->host, dial->port,
              reason);
    return error_hint(err, "check that the server runs and listens on this address and port, and "
                           "that no firewall blocks it");
}

static bool resolve(struct dial *dial, struct error *err) {
    char service[8];
    (void)snprintf(service, sizeof service, "%u", dial->port);
    const struct addrinfo wanted = { .ai_family = AF_UNSPEC,
                                     .ai_socktype = SOCK_STREAM,
                                     .ai_flags = AI_NUMERICSERV };
    int status = getaddrinfo(dial->host, service, &wanted, &dial->addresses);
    if (status != 0) {
        dial->addresses = NULL;
        error_set(err, ERROR_UNREACHABLE, "cannot resolve '%s': %s", dial->host,
                  status == EAI_SYSTEM ? transport_reason(errno) : gai_strerror(status));
        return error_hint(err,
                          "check the spelling of the host name and the resolver of this machine");
    }
    for (dial->next = dial->addresses; dial->next; dial->next = dial->next->ai_next)
        dial->left_count++;
    dial->next = dial->addresses;
    return true;
}

static void tune(int fd) {
    const int on = 1, idle_s = 15, interval_s = 5, count = 3;
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    (void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    (void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle_s, sizeof idle_s);
    (void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval_s, sizeof interval_s);
    (void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &count, sizeof count);
}

static void hang_up(struct dial *dial, int failure) {
    dial->failure = failure;
    if (dial->transport.fd >= 0)
        (void)close(dial->transport.fd);
    dial->transport.fd = -1;
}

/* Starts with the next address; its failure at once counts as tried. */
static void try_next(struct dial *dial) {
    const struct addrinfo *address = dial->next;
    dial->until_mono_ms =
        clock_mono_ms() + clock_left_ms(dial->deadline_mono_ms) / dial->left_count--;
    dial->next = address->ai_next;
    dial->transport.fd = socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
                                address->ai_protocol);
    if (dial->transport.fd < 0)
        dial->failure = errno;
    else if (connect(dial->transport.fd, address->ai_addr, address->ai_addrlen) != 0 &&
             errno != EINPROGRESS && errno != EINTR)
        hang_up(dial, errno);
}

bool dial_begin(const struct redis_tls *tls, const char *host, uint16_t port,
                int64_t deadline_mono_ms, struct dial **out, struct error *err) {
    AUTO(dial_close) struct dial *dial = xcalloc(1, sizeof *dial);
    dial->tls = tls;
    dial->host = xstrdup(host);
    dial->port = port;
    dial->deadline_mono_ms = deadline_mono_ms;
    dial->transport = (struct transport){ .fd = -1 };
    dial->failure = EADDRNOTAVAIL;
    if (!resolve(dial, err))
        return false;
    try_next(dial);
    *out = TAKE(dial);
    return true;
}

/* True when this address is settled, one way or the other. */
static bool look(struct dial *dial) {
    struct pollfd item = { .fd = dial->transport.fd, .events = POLLOUT };
    int failure = 0;
    socklen_t length = sizeof failure;
    if (poll(&item, 1, 0) <= 0) {
        if (clock_left_ms(dial->until_mono_ms) > 0)
            return false;
        hang_up(dial, ETIMEDOUT);
        return true;
    }
    if (getsockopt(dial->transport.fd, SOL_SOCKET, SO_ERROR, &failure, &length) != 0)
        failure = errno;
    if (failure) {
        hang_up(dial, failure);
        return true;
    }
    tune(dial->transport.fd);
    dial->connected = true;
    dial->transport.kind = dial->tls ? &transport_tls : &transport_plain;
    dial->until_mono_ms = dial->deadline_mono_ms;
    return true;
}

static enum transport_outcome give_up(const struct dial *dial, struct error *err) {
    if (dial->failure == ETIMEDOUT) {
        error_set(err, ERROR_DEADLINE, "%s:%u did not accept a connection in time", dial->host,
                  dial->port);
        error_hint(err, "check the route and firewalls between this machine and the server");
    } else {
        unreachable(dial, transport_reason(dial->failure), err);
    }
    return TRANSPORT_FAILED;
}

static enum transport_outcome shake_hands(struct dial *dial, struct transport *out,
                                          struct error *err) {
    const struct transport_kind *kind = dial->transport.kind;
    if (kind->begin && !dial->transport.session &&
        !kind->begin(&dial->transport, dial->tls, dial->host, err))
        return TRANSPORT_FAILED;
    switch (kind->handshake(&dial->transport, err)) {
    case TRANSPORT_DONE:
        *out = dial->transport;
        dial->transport = (struct transport){ .fd = -1 };
        return TRANSPORT_DONE;
    case TRANSPORT_FAILED:
        error_wrap(err, "%s:%u", dial->host, dial->port);
        return TRANSPORT_FAILED;
    case TRANSPORT_CLOSED:
        unreachable(dial, "closed during the handshake", err);
        return TRANSPORT_FAILED;
    case TRANSPORT_AGAIN:
        break;
    }
    if (clock_left_ms(dial->until_mono_ms) > 0)
        return TRANSPORT_AGAIN;
    error_set(err, ERROR_DEADLINE, "%s:%u did not finish the handshake in time", dial->host,
              dial->port);
    error_remote(err, "NO-TLS");
    error_hint(err,
               "this port may not speak TLS: name the server's tls-port, or remove source.tls");
    return TRANSPORT_FAILED;
}

enum transport_outcome dial_step(struct dial *dial, struct transport *out, struct error *err) {
    while (!dial->connected) {
        if (dial->transport.fd >= 0) {
            if (!look(dial))
                return TRANSPORT_AGAIN;
        } else if (dial->next) {
            try_next(dial);
        } else {
            return give_up(dial, err);
        }
    }
    return shake_hands(dial, out, err);
}

int dial_fd(const struct dial *dial) {
    return dial->transport.fd;
}

short dial_events(const struct dial *dial) {
    return dial->connected ? dial->transport.kind->wants(&dial->transport, false) : POLLOUT;
}

int64_t dial_until_mono_ms(const struct dial *dial) {
    return dial->until_mono_ms;
}

void dial_close(struct dial *dial) {
    if (!dial)
        return;
    if (dial->connected)
        transport_close(&dial->transport);
    hang_up(dial, 0);
    if (dial->addresses)
        freeaddrinfo(dial->addresses);
    free(dial->host);
    free(dial);
}
