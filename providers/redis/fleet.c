#include "providers/redis/fleet.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "providers/redis/connection.h"
#include "providers/redis/dial.h"
#include "providers/redis/greeting.h"
#include "schemas/base/clock.h"
#include "schemas/base/memory.h"

#define SPARE_FILES 64

/* One server on its way from "not begun" (not in the list) to "done" (gone from the list). */
struct visit {
    size_t index;
    struct dial *dial;                   /* until it is connected */
    struct redis_connection *connection; /* from then on; asked once it has a deadline */
    struct transport transport;          /* connected, waiting for its turn */
    int64_t deadline_mono_ms;            /* 0 while it waits */
};

struct voyage {
    const struct fleet *fleet;
    struct fleet_node *nodes;
    size_t count, begun_count;
    struct visit *visits; /* those that are on their way */
    size_t visit_count, asking_count;
    struct pollfd *watch;
};

static void voyage_clear(struct voyage *voyage) {
    free(voyage->visits);
    free(voyage->watch);
}
AUTO_VALUE(struct voyage, voyage_clear)

static bool options_of(const struct fleet *fleet, const struct fleet_node *node, char host[256],
                       struct redis_options *out, struct error *err) {
    *out = (struct redis_options){ .host = host,
                                   .username = fleet->password ? fleet->username : NULL,
                                   .password = fleet->password,
                                   .tls = fleet->tls,
                                   .timeout_ms = fleet->timeout_ms,
                                   .client_name = fleet->client_name,
                                   .ceiling_bytes = fleet->keep ? 0 : REDIS_FACTS_CEILING_BYTES };
    return redis_address_parse(node->address, host, &out->port) ||
           error_set(err, ERROR_FORMAT, "'%s' is not HOST:PORT", node->address);
}

/* Ends a visit; the last takes its place. */
static void leave(struct voyage *voyage, struct visit *visit, struct error *problem) {
    if (problem)
        error_move(&voyage->nodes[visit->index].problem, problem);
    if (visit->connection)
        voyage->asking_count--;
    dial_close(visit->dial);
    transport_close(&visit->transport);
    redis_close(visit->connection);
    *visit = voyage->visits[--voyage->visit_count];
}

static void begin(struct voyage *voyage) {
    char host[256];
    struct redis_options options;
    AUTO(error_clear) struct error err = { 0 };
    struct fleet_node *node = &voyage->nodes[voyage->begun_count];
    struct visit visit = { .index = voyage->begun_count++, .transport = { .fd = -1 } };
    if (options_of(voyage->fleet, node, host, &options, &err) &&
        dial_begin(voyage->fleet->tls, host, options.port, clock_mono_ms() + options.timeout_ms,
                   &visit.dial, &err))
        voyage->visits[voyage->visit_count++] = visit;
    else
        error_move(&node->problem, &err);
}

/* A server that is connected and has its turn. */
static void start_asking(struct voyage *voyage, struct visit *visit) {
    char host[256];
    struct redis_options options;
    AUTO(error_clear) struct error err = { 0 };
    const struct fleet *fleet = voyage->fleet;
    if (!options_of(fleet, &voyage->nodes[visit->index], host, &options, &err))
        abort(); /* it was read before */
    visit->connection = connection_new(&options);
    visit->connection->transport = visit->transport;
    visit->transport = (struct transport){ .fd = -1 };
    visit->deadline_mono_ms = clock_mono_ms() + fleet->timeout_ms;
    voyage->asking_count++;
    if (fleet->without_password) {
        redis_queue_words(visit->connection, "PING", NULL);
        redis_queue_words(visit->connection, "REPLCONF", NULL); /* no option: nothing is set */
    }
    greeting_queue(visit->connection, &options);
    if (fleet->ask)
        fleet->ask(fleet->context, visit->index, visit->connection);
    connection_write(visit->connection);
}

static bool is_not_permitted(const struct redis_reply *reply) {
    return reply->type == REDIS_FAULT && strncmp(reply->bytes, "NOPERM", 6) == 0;
}

static bool take(struct voyage *voyage, const struct visit *visit, struct error *err) {
    char host[256];
    struct redis_options options;
    const struct fleet *fleet = voyage->fleet;
    struct fleet_node *node = &voyage->nodes[visit->index];
    if (!options_of(fleet, node, host, &options, err))
        return false;
    if (fleet->without_password) {
        AUTO(redis_reply_free) struct redis_reply *pong = NULL, *follow = NULL;
        if (!redis_take(visit->connection, &pong, err))
            return false;
        if (greeting_is_last(pong))
            return connection_refused(visit->connection, "PING", pong, true, err);
        if (!redis_take(visit->connection, &follow, err))
            return false;
        node->lets_anybody_in = pong->type != REDIS_FAULT || is_not_permitted(pong);
        node->lets_nobody_follow = is_not_permitted(pong) || is_not_permitted(follow);
    }
    return greeting_take(visit->connection, &options, err) &&
           (!fleet->answer || fleet->answer(fleet->context, visit->index, visit->connection, err));
}

/* All has come, or nothing more will. */
static void finish(struct voyage *voyage, struct visit *visit) {
    AUTO(error_clear) struct error err = { 0 };
    if (!take(voyage, visit, &err)) {
        leave(voyage, visit, &err);
        return;
    }
    if (voyage->fleet->keep) {
        voyage->nodes[visit->index].connection = TAKE(visit->connection);
        voyage->asking_count--;
    }
    leave(voyage, visit, NULL);
}

static void step_dial(struct voyage *voyage, struct visit *visit) {
    AUTO(error_clear) struct error err = { 0 };
    switch (dial_step(visit->dial, &visit->transport, &err)) {
    case TRANSPORT_DONE:
        dial_close(TAKE(visit->dial));
        break;
    case TRANSPORT_AGAIN:
        break;
    case TRANSPORT_CLOSED:
    case TRANSPORT_FAILED:
        leave(voyage, visit, &err);
        break;
    }
}

static void step_connection(struct voyage *voyage, struct visit *visit, short events,
                            int64_t now_mono_ms) {
    struct redis_connection *connection = visit->connection;
    if (events & (POLLIN | POLLERR | POLLHUP | POLLNVAL))
        connection_read(connection);
    if (events)
        connection_write(connection);
    if (connection_failed(connection) ||
        (connection->awaited_count == 0 && !connection_has_output(connection)))
        finish(voyage, visit);
    else if (visit->deadline_mono_ms <= now_mono_ms) {
        connection_miss_deadline(connection);
        finish(voyage, visit);
    }
}

/* What is to be watched of one; the moment to look even though nothing came. */
static int64_t watch_one(const struct visit *visit, struct pollfd *item) {
    *item = (struct pollfd){ .fd = -1 };
    if (visit->dial) {
        item->fd = dial_fd(visit->dial);
        item->events = dial_events(visit->dial);
        return item->fd < 0 ? 0 : dial_until_mono_ms(visit->dial);
    }
    if (!visit->connection)
        return INT64_MAX;
    if (connection_failed(visit->connection))
        return 0;
    const struct transport *transport = &visit->connection->transport;
    item->fd = transport->fd;
    item->events = transport->kind->wants(transport, connection_has_output(visit->connection));
    return visit->deadline_mono_ms;
}

static void step(struct voyage *voyage, struct visit *visit, short events, int64_t now_mono_ms) {
    if (visit->dial) {
        if (events || dial_fd(visit->dial) < 0 || dial_until_mono_ms(visit->dial) <= now_mono_ms)
            step_dial(voyage, visit);
    } else if (visit->connection) {
        step_connection(voyage, visit, events, now_mono_ms);
    }
}

static void wait_and_step(struct voyage *voyage) {
    int64_t until_mono_ms = INT64_MAX;
    for (size_t i = 0; i < voyage->visit_count; i++) {
        int64_t own_mono_ms = watch_one(&voyage->visits[i], &voyage->watch[i]);
        if (own_mono_ms < until_mono_ms)
            until_mono_ms = own_mono_ms;
    }
    int ready = poll(voyage->watch, (nfds_t)voyage->visit_count, clock_slice_ms(until_mono_ms));
    if (ready < 0 && errno != EINTR)
        abort(); /* only a mistake of ours gets here */
    int64_t now_mono_ms = clock_called_off() ? INT64_MAX : clock_mono_ms();
    /* Backwards: the one that takes the place of one that left has had its turn. */
    for (size_t i = voyage->visit_count; i-- > 0;)
        step(voyage, &voyage->visits[i], ready > 0 ? voyage->watch[i].revents : 0, now_mono_ms);
}

static size_t in_flight(const struct fleet *fleet) {
    return fleet->in_flight ? fleet->in_flight : FLEET_IN_FLIGHT;
}

/* As many as may: first those that are connected, then new ones. */
static void fill(struct voyage *voyage) {
    for (size_t i = 0; i < voyage->visit_count; i++) {
        struct visit *visit = &voyage->visits[i];
        if (voyage->asking_count < in_flight(voyage->fleet) && !visit->dial && !visit->connection)
            start_asking(voyage, visit);
    }
    size_t asking_count = voyage->asking_count;
    while (voyage->begun_count < voyage->count && voyage->visit_count - asking_count < FLEET_DIALS)
        begin(voyage);
}

static void make_room(const struct fleet *fleet, size_t count) {
    struct rlimit limit;
    rlim_t needed = FLEET_DIALS + in_flight(fleet) + (fleet->keep ? count : 0) + SPARE_FILES;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= needed)
        return;
    limit.rlim_cur = needed < limit.rlim_max ? needed : limit.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &limit); /* or the connections fail, and say why */
}

void fleet_ask(const struct fleet *fleet, struct fleet_node *nodes, size_t count) {
    AUTO(voyage_clear) struct voyage voyage = { .fleet = fleet, .nodes = nodes, .count = count };
    size_t room = FLEET_DIALS + in_flight(fleet);
    voyage.visits = xcalloc(room, sizeof *voyage.visits);
    voyage.watch = xcalloc(room, sizeof *voyage.watch);
    make_room(fleet, count);
    for (fill(&voyage); voyage.visit_count; fill(&voyage))
        wait_and_step(&voyage);
}

void fleet_nodes_clear(struct fleet_node *nodes, size_t count) {
    for (size_t i = 0; i < count; i++) {
        redis_close(nodes[i].connection);
        error_clear(&nodes[i].problem);
        nodes[i].connection = NULL;
    }
}
