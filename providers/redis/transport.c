#include "providers/redis/transport.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "schemas/base/clock.h"

struct addresses {
    struct addrinfo *first;
};

static void addresses_clear(struct addresses *addresses) {
    if (addresses->first)
        freeaddrinfo(addresses->first);
}
AUTO_VALUE(struct addresses, addresses_clear)

const char *transport_reason(int number) {
    static _Thread_local char reason[128];
    (void)snprintf(reason, sizeof reason, "%s", strerror(number));
    reason[0] = (char)tolower((unsigned char)reason[0]);
    return reason;
}

static bool unreachable(const char *host, uint16_t port, const char *reason, struct error *err) {
    error_set(err, ERROR_UNREACHABLE, "cannot connect to %s:%u: %s", host, port, reason);
    return error_hint(err, "check that the server runs and listens on this address and port, and "
                           "that no firewall is between");
}

static bool resolve(const char *host, uint16_t port, struct addresses *out, struct error *err) {
    char service[8];
    (void)snprintf(service, sizeof service, "%u", port);
    const struct addrinfo wanted = { .ai_family = AF_UNSPEC,
                                     .ai_socktype = SOCK_STREAM,
                                     .ai_flags = AI_NUMERICSERV };
    int status = getaddrinfo(host, service, &wanted, &out->first);
    if (status == 0)
        return true;
    out->first = NULL;
    error_set(err, ERROR_UNREACHABLE, "cannot resolve '%s': %s", host,
              status == EAI_SYSTEM ? transport_reason(errno) : gai_strerror(status));
    return error_hint(err, "check the spelling of the host name and the resolver of this machine");
}

static void tune(int fd) {
    const int on = 1, idle_s = 15, interval_s = 5, count = 3;
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    (void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    (void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle_s, sizeof idle_s);
    (void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval_s, sizeof interval_s);
    (void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &count, sizeof count);
}

/* 0, or errno of what went wrong; ETIMEDOUT at the deadline. */
static int wait_for(int fd, short events, int64_t deadline_mono_ms) {
    struct pollfd item = { .fd = fd, .events = events };
    for (;;) {
        int ready = poll(&item, 1, clock_left_ms(deadline_mono_ms));
        if (ready > 0)
            return 0;
        if (ready == 0)
            return ETIMEDOUT;
        if (errno != EINTR)
            return errno;
    }
}

/* The connected socket, or minus errno. */
static int connect_one(const struct addrinfo *address, int64_t deadline_mono_ms) {
    int fd = socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
                    address->ai_protocol);
    if (fd < 0)
        return -errno;
    int failure = 0;
    if (connect(fd, address->ai_addr, address->ai_addrlen) != 0) {
        failure = errno;
        if (failure == EINPROGRESS || failure == EINTR) {
            failure = wait_for(fd, POLLOUT, deadline_mono_ms);
            socklen_t length = sizeof failure;
            if (!failure && getsockopt(fd, SOL_SOCKET, SO_ERROR, &failure, &length) != 0)
                failure = errno;
        }
    }
    if (!failure) {
        tune(fd);
        return fd;
    }
    (void)close(fd);
    return -failure;
}

static bool shake_hands(struct transport *transport, const char *host, uint16_t port,
                        int64_t deadline_mono_ms, struct error *err) {
    for (;;) {
        switch (transport->kind->handshake(transport, err)) {
        case TRANSPORT_DONE:
            return true;
        case TRANSPORT_FAILED:
            return error_wrap(err, "%s:%u", host, port);
        case TRANSPORT_CLOSED:
            return unreachable(host, port, "closed during the handshake", err);
        case TRANSPORT_AGAIN:
            break;
        }
        if (wait_for(transport->fd, transport->kind->wants(transport, false), deadline_mono_ms))
            return error_set(err, ERROR_DEADLINE, "%s:%u did not finish the handshake in time",
                             host, port);
    }
}

bool transport_open(const struct transport_kind *kind, const char *host, uint16_t port,
                    int64_t deadline_mono_ms, struct transport *out, struct error *err) {
    AUTO(addresses_clear) struct addresses addresses = { 0 };
    if (!resolve(host, port, &addresses, err))
        return false;
    int fd = -EADDRNOTAVAIL;
    int64_t left = 0;
    for (const struct addrinfo *next = addresses.first; next; next = next->ai_next)
        left++;
    /* An address that does not answer leaves their share of the time to the others. */
    for (const struct addrinfo *next = addresses.first; next && fd < 0; next = next->ai_next)
        fd = connect_one(next, clock_mono_ms() + clock_left_ms(deadline_mono_ms) / left--);
    if (fd == -ETIMEDOUT) {
        error_set(err, ERROR_DEADLINE, "%s:%u did not accept a connection in time", host, port);
        return error_hint(err, "check the route and firewalls between this machine and the server");
    }
    if (fd < 0)
        return unreachable(host, port, transport_reason(-fd), err);
    struct transport transport = { .fd = fd, .kind = kind };
    if (!shake_hands(&transport, host, port, deadline_mono_ms, err)) {
        transport_close(&transport);
        return false;
    }
    *out = transport;
    return true;
}

void transport_close(struct transport *transport) {
    if (!transport->kind)
        return;
    transport->kind->close(transport);
    (void)close(transport->fd);
    *transport = (struct transport){ .fd = -1 };
}
