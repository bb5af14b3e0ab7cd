#include "providers/redis/transport.h"

#include <ctype.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "providers/redis/dial.h"
#include "schemas/base/clock.h"

const char *transport_reason(int number) {
    static _Thread_local char reason[128];
    (void)snprintf(reason, sizeof reason, "%s", strerror(number));
    reason[0] = (char)tolower((unsigned char)reason[0]);
    return reason;
}

bool transport_open(const struct redis_tls *tls, const char *host, uint16_t port,
                    int64_t deadline_mono_ms, struct transport *out, struct error *err) {
    AUTO(dial_close) struct dial *dial = NULL;
    if (!dial_begin(tls, host, port, deadline_mono_ms, &dial, err))
        return false;
    for (;;) {
        switch (dial_step(dial, out, err)) {
        case TRANSPORT_DONE:
            return true;
        case TRANSPORT_AGAIN:
            break;
        case TRANSPORT_CLOSED:
        case TRANSPORT_FAILED:
            return false;
        }
        struct pollfd item = { .fd = dial_fd(dial), .events = dial_events(dial) };
        if (poll(&item, 1, clock_slice_ms(dial_until_mono_ms(dial))) < 0 && errno != EINTR)
            abort(); /* only a mistake of ours gets here */
    }
}

void transport_close(struct transport *transport) {
    if (!transport->kind)
        return;
    transport->kind->close(transport);
    (void)close(transport->fd);
    *transport = (struct transport){ .fd = -1 };
}
