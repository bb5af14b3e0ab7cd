#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

#include "providers/redis/transport.h"

static enum transport_outcome plain_handshake(struct transport *transport, struct error *err) {
    (void)transport;
    (void)err;
    return TRANSPORT_DONE;
}

static enum transport_outcome outcome_of(ssize_t status, size_t *moved, struct error *err) {
    if (status > 0) {
        *moved = (size_t)status;
        return TRANSPORT_DONE;
    }
    if (status == 0)
        return TRANSPORT_CLOSED;
    if (errno == EAGAIN || errno == EINTR)
        return TRANSPORT_AGAIN;
    error_set(err, ERROR_UNREACHABLE, "%s", transport_reason(errno));
    return TRANSPORT_FAILED;
}

static enum transport_outcome plain_read(struct transport *transport, char *bytes, size_t length,
                                         size_t *moved, struct error *err) {
    return outcome_of(recv(transport->fd, bytes, length, 0), moved, err);
}

static enum transport_outcome plain_write(struct transport *transport, const char *bytes,
                                          size_t length, size_t *moved, struct error *err) {
    return outcome_of(send(transport->fd, bytes, length, MSG_NOSIGNAL), moved, err);
}

static short plain_wants(const struct transport *transport, bool has_output) {
    (void)transport;
    return has_output ? POLLIN | POLLOUT : POLLIN;
}

static void plain_close(struct transport *transport) {
    (void)transport;
}

const struct transport_kind transport_plain = {
    .handshake = plain_handshake,
    .read = plain_read,
    .write = plain_write,
    .wants = plain_wants,
    .close = plain_close,
};
