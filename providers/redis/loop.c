#include <errno.h>
#include <poll.h>
#include <stdlib.h>

#include "providers/redis/connection.h"
#include "schemas/base/clock.h"
#include "schemas/base/memory.h"

struct watch {
    struct pollfd *items;
};

static void watch_clear(struct watch *watch) {
    free(watch->items);
}
AUTO_VALUE(struct watch, watch_clear)

static bool is_idle(const struct redis_connection *connection) {
    if (!connection || connection_failed(connection))
        return true;
    if (connection->tailing)
        return connection->came_count > connection->taken_count;
    return connection->awaited_count == 0 && !connection_has_output(connection);
}

void connection_miss_deadline(struct redis_connection *connection) {
    AUTO(error_clear) struct error err = { 0 };
    error_set(&err, ERROR_DEADLINE, "the server did not answer in time");
    error_hint(&err, "check the load of the server and the network, or raise the timeout");
    connection_fail(connection, &err);
}

static void move(struct redis_connection *connection, short events) {
    if (events & (POLLIN | POLLERR | POLLHUP | POLLNVAL))
        connection_read(connection);
    connection_write(connection);
}

/* The number of connections put into the watch; the others are idle and have fd -1. */
static size_t fill(struct pollfd *items, struct redis_connection *const *connections,
                   size_t count) {
    size_t busy = 0;
    for (size_t i = 0; i < count; i++) {
        items[i] = (struct pollfd){ .fd = -1 };
        if (is_idle(connections[i]))
            continue;
        const struct transport *transport = &connections[i]->transport;
        items[i].fd = transport->fd;
        items[i].events = transport->kind->wants(transport, connection_has_output(connections[i]));
        busy++;
    }
    return busy;
}

void connections_run(struct redis_connection *const *connections, size_t count,
                     int64_t deadline_mono_ms, bool fail_at_deadline) {
    AUTO(watch_clear) struct watch watch = { xcalloc(count, sizeof(struct pollfd)) };
    for (size_t i = 0; i < count; i++)
        if (connections[i])
            connection_write(connections[i]);
    while (fill(watch.items, connections, count) > 0) {
        int ready = poll(watch.items, (nfds_t)count, clock_slice_ms(deadline_mono_ms));
        if (ready < 0 && errno != EINTR)
            abort(); /* only a mistake of ours gets here */
        for (size_t i = 0; ready > 0 && i < count; i++)
            if (watch.items[i].revents)
                move(connections[i], watch.items[i].revents);
        if (ready > 0 || clock_left_ms(deadline_mono_ms) > 0)
            continue;
        for (size_t i = 0; fail_at_deadline && i < count; i++)
            if (!is_idle(connections[i]))
                connection_miss_deadline(connections[i]);
        return;
    }
}

void redis_exchange(struct redis_connection *const *connections, size_t count,
                    int64_t deadline_mono_ms) {
    int64_t deadline = deadline_mono_ms;
    for (size_t i = 0; deadline_mono_ms == REDIS_NOW && i < count; i++) {
        int64_t own = connections[i] ? connection_deadline(connections[i], REDIS_NOW) : 0;
        deadline = own > deadline ? own : deadline;
    }
    connections_run(connections, count, deadline, true);
}
