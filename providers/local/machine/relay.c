#include "providers/local/machine/relay.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "providers/local/machine/node.h"
#include "providers/process/resident.h"
#include "schemas/base/clock.h"
#include "schemas/base/files.h"
#include "schemas/base/memory.h"

#define BUFFER_BYTES 65536
#define CALL_CEILING 4096  /* connections at a time */
#define TLS_HANDSHAKE 0x16 /* first byte of a TLS connection */
#define LOOK_EVERY_MS 1000
#define READY_DEADLINE_MS 5000

/* One direction of a call. */
struct lane {
    char *bytes; /* read and not yet written */
    size_t from, until;
    bool ended; /* nothing more comes */
    bool told;  /* and the other side knows */
};

struct call {
    int client_fd, server_fd; /* server_fd -1: what it speaks is not known yet */
    size_t door;
    struct lane up, down; /* towards the server, towards the client */
};

struct door {
    int fd;
    struct sockaddr_in address, server; /* the server's without its port */
};

struct relay {
    const char *pid_file;
    uint16_t plain_port, tls_port;
    struct {
        struct door *items;
        size_t count;
    } doors;
    struct {
        struct call *items;
        size_t count;
    } calls;
};

static struct sockaddr_in place(const char *host, int64_t port) {
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
    (void)inet_pton(AF_INET, host, &address.sin_addr);
    return address;
}

static bool open_door(struct door *door) {
    int on = 1;
    door->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (door->fd < 0)
        return false;
    setsockopt(door->fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    return bind(door->fd, (struct sockaddr *)&door->address, sizeof door->address) == 0 &&
           listen(door->fd, 511) == 0;
}

static void hang_up(struct relay *relay, size_t at) {
    struct call *call = &relay->calls.items[at];
    close(call->client_fd);
    if (call->server_fd >= 0)
        close(call->server_fd);
    free(call->up.bytes);
    free(call->down.bytes);
    *call = relay->calls.items[--relay->calls.count];
}

static void accept_call(struct relay *relay, size_t door) {
    int on = 1, fd = accept4(relay->doors.items[door].fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0)
        return;
    if (relay->calls.count >= CALL_CEILING) {
        close(fd);
        return;
    }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    *LIST_ADD(&relay->calls) = (struct call){ .client_fd = fd,
                                              .server_fd = -1,
                                              .door = door,
                                              .up = { .bytes = xcalloc(1, BUFFER_BYTES) },
                                              .down = { .bytes = xcalloc(1, BUFFER_BYTES) } };
}

/* From the client's own address, which the server is to see. */
static int dial(const struct relay *relay, const struct call *call, bool tls) {
    struct sockaddr_in server = relay->doors.items[call->door].server, client = { 0 };
    socklen_t length = sizeof client;
    int on = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    server.sin_port = htons(tls ? relay->tls_port : relay->plain_port);
    if (fd < 0)
        return -1;
    if (getpeername(call->client_fd, (struct sockaddr *)&client, &length) == 0) {
        client.sin_port = 0;
        (void)!bind(fd, (struct sockaddr *)&client, sizeof client);
    }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (connect(fd, (struct sockaddr *)&server, sizeof server) == 0)
        return fd;
    close(fd);
    return -1;
}

/* False: the call is over. */
static bool put_through(const struct relay *relay, struct call *call) {
    unsigned char first = 0;
    ssize_t got = recv(call->client_fd, &first, 1, MSG_PEEK | MSG_DONTWAIT);
    if (got < 0)
        return errno == EAGAIN || errno == EINTR;
    if (got == 0)
        return false;
    call->server_fd = dial(relay, call, first == TLS_HANDSHAKE);
    return call->server_fd >= 0;
}

static bool carry(struct lane *lane, int from_fd, int to_fd) {
    if (!lane->ended && lane->from == lane->until) {
        ssize_t got = recv(from_fd, lane->bytes, BUFFER_BYTES, MSG_DONTWAIT);
        if (got < 0 && errno != EAGAIN && errno != EINTR)
            return false;
        lane->from = 0;
        lane->until = got > 0 ? (size_t)got : 0;
        lane->ended = got == 0;
    }
    if (lane->from < lane->until) {
        ssize_t sent = send(to_fd, lane->bytes + lane->from, lane->until - lane->from,
                            MSG_DONTWAIT | MSG_NOSIGNAL);
        if (sent < 0 && errno != EAGAIN && errno != EINTR)
            return false;
        lane->from += sent > 0 ? (size_t)sent : 0;
    }
    if (lane->ended && lane->from == lane->until && !lane->told) {
        shutdown(to_fd, SHUT_WR);
        lane->told = true;
    }
    return true;
}

static bool serve_call(const struct relay *relay, struct call *call) {
    if (call->server_fd < 0 && !put_through(relay, call))
        return false;
    if (call->server_fd < 0)
        return true;
    return carry(&call->up, call->client_fd, call->server_fd) &&
           carry(&call->down, call->server_fd, call->client_fd) &&
           !(call->up.told && call->down.told);
}

static short wishes(const struct lane *incoming, const struct lane *outgoing) {
    short events = 0;
    if (!incoming->ended && incoming->from == incoming->until)
        events |= POLLIN;
    if (outgoing->from < outgoing->until)
        events |= POLLOUT;
    return events;
}

static void turn(struct relay *relay) {
    size_t doors = relay->doors.count, calls = relay->calls.count;
    struct pollfd *waits = xcalloc(doors + 2 * calls, sizeof *waits);
    for (size_t i = 0; i < doors; i++)
        waits[i] = (struct pollfd){ .fd = relay->doors.items[i].fd, .events = POLLIN };
    for (size_t i = 0; i < calls; i++) {
        const struct call *call = &relay->calls.items[i];
        waits[doors + 2 * i] =
            (struct pollfd){ .fd = call->client_fd, .events = wishes(&call->up, &call->down) };
        waits[doors + 2 * i + 1] =
            (struct pollfd){ .fd = call->server_fd, .events = wishes(&call->down, &call->up) };
    }
    if (poll(waits, doors + 2 * calls, LOOK_EVERY_MS) > 0) {
        for (size_t i = calls; i-- > 0;)
            if ((waits[doors + 2 * i].revents || waits[doors + 2 * i + 1].revents) &&
                !serve_call(relay, &relay->calls.items[i]))
                hang_up(relay, i);
        for (size_t i = 0; i < doors; i++)
            if (waits[i].revents)
                accept_call(relay, i);
    }
    free(waits);
}

/* Until SIGTERM, or until its folder was removed, when nobody could find and end it. */
static int run_relay(const void *argument) {
    struct relay relay = *(const struct relay *)argument;
    signal(SIGPIPE, SIG_IGN);
    for (size_t i = 0; i < relay.doors.count; i++)
        if (!open_door(&relay.doors.items[i]))
            return 1;
    while (path_exists(relay.pid_file))
        turn(&relay);
    return 0;
}

static char *relay_file(const char *dir, const struct group *group, const char *kind) {
    return xasprintf("%s/tls/relay-%s.%s", dir, group->id, kind);
}

static void add_doors(struct relay *relay, const struct state *state, const struct node *node) {
    char server[NODE_ADDRESS_BYTES], host[NODE_ADDRESS_BYTES];
    node_place(state, node, node->moved, server);
    for (int moved = 0; moved < 2; moved++) {
        node_place(state, node, moved, host);
        *LIST_ADD(&relay->doors) =
            (struct door){ -1, place(host, state->node_port), place(server, 0) };
    }
}

static bool await_doors(const struct relay *relay, struct error *err) {
    int64_t deadline = clock_mono_ms() + READY_DEADLINE_MS;
    for (size_t i = 0; i < relay->doors.count;) {
        const struct sockaddr_in *address = &relay->doors.items[i].address;
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        bool open = fd >= 0 && connect(fd, (const struct sockaddr *)address, sizeof *address) == 0;
        if (fd >= 0)
            close(fd);
        if (open)
            i++;
        else if (!clock_left_ms(deadline))
            return error_set(err, ERROR_DEADLINE, "the relay of plain and TLS does not answer");
        else
            clock_sleep_ms(2);
    }
    return true;
}

bool relay_start(const struct endpoint *endpoint, const struct group *group, struct error *err) {
    AUTO(string_free) char *pid_path = relay_file(endpoint->dir, group, "pid");
    AUTO(string_free) char *log_path = relay_file(endpoint->dir, group, "log");
    const struct state *state = &endpoint->state;
    struct relay relay = { .pid_file = pid_path,
                           .plain_port = (uint16_t)(state->node_port + NODE_HIDDEN_PLAIN_ABOVE),
                           .tls_port = (uint16_t)(state->node_port + NODE_HIDDEN_TLS_ABOVE) };
    struct resident_options options = {
        .pid_file = pid_path,
        .log_file = log_path,
        .run = run_relay,
        .argument = &relay,
        .keep_fd = endpoint->claim_fd,
        .ready_fd = -1,
    };
    if (resident_find(pid_path))
        return true;
    for (size_t i = 0; i < group->nodes.count; i++)
        add_doors(&relay, state, &group->nodes.items[i]);
    bool done = resident_start(&options, err) && await_doors(&relay, err);
    free(relay.doors.items);
    return done;
}

void relay_end(const char *dir, const struct group *group) {
    AUTO(string_free) char *pid_path = relay_file(dir, group, "pid");
    resident_end(pid_path, 1000);
}
