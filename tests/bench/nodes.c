/* nodes SHARDS PORT: answers as the servers of a cluster of that many shards with a replica each,
 * at 127.64.0.1:PORT and on; what it takes to answer is a copy of bytes, so that what is measured
 * is whoever asks. Prints the seed's address when it listens; ends with its standard input. For the
 * bench of the fleet; not built with the program. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define NODES_CEILING 4000
#define FILES_CEILING 8192
#define REQUEST_BYTES 8192
#define HOSTS_A_NET 200

struct bytes {
    char *at;
    size_t length, capacity;
};

struct peer {
    bool open;
    int node;
    char request[REQUEST_BYTES];
    size_t request_length;
    struct bytes answer;
    size_t sent;
};

static struct peer *peers[FILES_CEILING];
static int node_count, port;
static struct bytes lines; /* CLUSTER NODES, nobody being "myself" */
static size_t line_at[NODES_CEILING + 1];

static void add(struct bytes *to, const char *from, size_t length) {
    while (to->length + length + 1 > to->capacity) {
        to->capacity = to->capacity ? to->capacity * 2 : 4096;
        to->at = realloc(to->at, to->capacity);
        if (!to->at)
            exit(1);
    }
    memcpy(to->at + to->length, from, length);
    to->length += length;
}

static void add_text(struct bytes *to, const char *text) {
    add(to, text, strlen(text));
}

static void add_bulk(struct bytes *to, const char *text, size_t length) {
    char head[32];
    add(to, head, (size_t)snprintf(head, sizeof head, "$%zu\r\n", length));
    add(to, text, length);
    add_text(to, "\r\n");
}

static int host_of(int node, char *out, size_t room) {
    return snprintf(out, room, "127.64.%d.%d", node / HOSTS_A_NET, 1 + node % HOSTS_A_NET);
}

/* Node 2n is the primary of shard n, 2n + 1 its replica. */
static void make_lines(void) {
    int shards = node_count / 2;
    for (int i = 0; i < node_count; i++) {
        char host[32], line[256];
        int first = (int)((long)16384 * (i / 2) / shards);
        int last = (int)((long)16384 * (i / 2 + 1) / shards) - 1;
        host_of(i, host, sizeof host);
        line_at[i] = lines.length;
        if (i % 2 == 0)
            snprintf(line, sizeof line,
                     "%040x %s:%d@%d master - 0 1700000000000 %d connected %d-%d\n", i + 1, host,
                     port, port + 10000, i + 1, first, last);
        else
            snprintf(line, sizeof line, "%040x %s:%d@%d slave %040x 0 1700000000000 %d connected\n",
                     i + 1, host, port, port + 10000, i, i);
        add_text(&lines, line);
    }
    line_at[node_count] = lines.length;
}

static void answer_nodes(struct peer *peer) {
    char head[32];
    const char *own = lines.at + line_at[peer->node];
    const char *flags = own + strcspn(own, " ") + 1;
    flags += strcspn(flags, " ") + 1;
    size_t before = (size_t)(flags - lines.at);
    add(&peer->answer, head,
        (size_t)snprintf(head, sizeof head, "$%zu\r\n", lines.length + strlen("myself,")));
    add(&peer->answer, lines.at, before);
    add_text(&peer->answer, "myself,");
    add(&peer->answer, lines.at + before, lines.length - before);
    add_text(&peer->answer, "\r\n");
}

static void answer_info(struct peer *peer) {
    char text[8192], host[32];
    int length = snprintf(text, sizeof text,
                          "# Server\r\nredis_version:7.0.15\r\nrun_id:%040d\r\ntcp_port:%d\r\n"
                          "# Memory\r\nused_memory:1800000\r\nused_memory_dataset:200000\r\n"
                          "maxmemory:0\r\ntotal_system_memory:8000000000\r\n# Persistence\r\n"
                          "loading:0\r\nrdb_last_bgsave_status:ok\r\n# Replication\r\n",
                          peer->node, port);
    if (peer->node % 2 == 0) {
        host_of(peer->node + 1, host, sizeof host);
        length += snprintf(text + length, sizeof text - (size_t)length,
                           "role:master\r\nconnected_slaves:1\r\nslave0:ip=%s,port=%d,state="
                           "online,offset=77,lag=0\r\n",
                           host, port);
    } else {
        host_of(peer->node - 1, host, sizeof host);
        length += snprintf(text + length, sizeof text - (size_t)length,
                           "role:slave\r\nmaster_host:%s\r\nmaster_port:%d\r\n"
                           "master_link_status:up\r\n",
                           host, port);
    }
    length += snprintf(text + length, sizeof text - (size_t)length,
                       "master_replid:%040d\r\nmaster_repl_offset:77\r\n# Cluster\r\n"
                       "cluster_enabled:1\r\n# Keyspace\r\ndb0:keys=1000,expires=0,avg_ttl=0\r\n",
                       peer->node / 2);
    /* As long as a server's own, of fields that nobody reads. */
    for (int i = 0; i < 160; i++)
        length += snprintf(text + length, sizeof text - (size_t)length, "other_field_%d:%d\r\n", i,
                           i * 1000);
    add_bulk(&peer->answer, text, (size_t)length);
}

static void answer_setting(struct peer *peer, const char *name) {
    add_text(&peer->answer, "*2\r\n");
    add_bulk(&peer->answer, name, strlen(name));
    add_bulk(&peer->answer, "0", 1);
}

static void answer(struct peer *peer, char *const *words, int count) {
    const char *first = words[0], *second = count > 1 ? words[1] : "";
    static const char state[] = "cluster_state:ok\r\ncluster_slots_assigned:16384\r\n";
    if (!strcasecmp(first, "PING"))
        add_text(&peer->answer, "+PONG\r\n");
    else if (!strcasecmp(first, "CLUSTER") && !strcasecmp(second, "NODES"))
        answer_nodes(peer);
    else if (!strcasecmp(first, "CLUSTER") && !strcasecmp(second, "INFO"))
        add_bulk(&peer->answer, state, strlen(state));
    else if (!strcasecmp(first, "CLUSTER"))
        add_text(&peer->answer, "-ERR unknown subcommand\r\n");
    else if (!strcasecmp(first, "INFO") && count > 1 && !strcasecmp(second, "commandstats"))
        add_bulk(&peer->answer, "cmdstat_get:calls=1\r\n", 21);
    else if (!strcasecmp(first, "INFO"))
        answer_info(peer);
    else if (!strcasecmp(first, "CONFIG") && count > 2)
        answer_setting(peer, words[2]);
    else if (!strcasecmp(first, "COMMAND")) {
        char head[32];
        add(&peer->answer, head, (size_t)snprintf(head, sizeof head, "*%d\r\n", count - 2));
        for (int i = 2; i < count; i++) {
            add_text(&peer->answer, "*2\r\n");
            add_bulk(&peer->answer, words[i], strlen(words[i]));
            add_text(&peer->answer, ":1\r\n");
        }
    } else if (!strcasecmp(first, "CLIENT"))
        add_text(&peer->answer, "$-1\r\n");
    else
        add_text(&peer->answer, "*0\r\n");
}

/* One command off the front of the request; its bytes, or 0 while it is not whole. */
static size_t take_command(struct peer *peer) {
    char *words[64], *end = peer->request + peer->request_length, *at = peer->request;
    if (at == end || *at != '*')
        return 0;
    char *stop = memchr(at, '\n', (size_t)(end - at));
    int count = stop ? (int)strtol(at + 1, NULL, 10) : 0;
    if (count < 1 || count > 64)
        return 0;
    at = stop + 1;
    for (int i = 0; i < count; i++) {
        stop = at < end ? memchr(at, '\n', (size_t)(end - at)) : NULL;
        if (!stop)
            return 0;
        long length = strtol(at + 1, NULL, 10);
        if (length < 0 || end - stop - 1 < length + 2)
            return 0;
        words[i] = stop + 1;
        at = words[i] + length + 2;
    }
    for (int i = 0; i < count; i++)
        words[i][strcspn(words[i], "\r")] = '\0';
    answer(peer, words, count);
    return (size_t)(at - peer->request);
}

static void drop(int fd) {
    free(peers[fd]->answer.at);
    free(peers[fd]);
    peers[fd] = NULL;
    close(fd);
}

static void flush_to(int poller, int fd) {
    struct peer *peer = peers[fd];
    while (peer->sent < peer->answer.length) {
        ssize_t moved =
            send(fd, peer->answer.at + peer->sent, peer->answer.length - peer->sent, MSG_NOSIGNAL);
        if (moved < 0)
            break;
        peer->sent += (size_t)moved;
    }
    bool left = peer->sent < peer->answer.length;
    if (!left)
        peer->sent = peer->answer.length = 0;
    struct epoll_event event = { .events = EPOLLIN | (left ? EPOLLOUT : 0), .data.fd = fd };
    epoll_ctl(poller, EPOLL_CTL_MOD, fd, &event);
}

static void serve(int poller, int fd, unsigned events) {
    struct peer *peer = peers[fd];
    if (events & EPOLLIN) {
        ssize_t got = recv(fd, peer->request + peer->request_length,
                           sizeof peer->request - peer->request_length, 0);
        if (got <= 0) {
            drop(fd);
            return;
        }
        peer->request_length += (size_t)got;
        for (size_t used; (used = take_command(peer)) > 0;) {
            memmove(peer->request, peer->request + used, peer->request_length - used);
            peer->request_length -= used;
        }
    }
    flush_to(poller, fd);
}

static void let_in(int poller, int listener) {
    for (;;) {
        int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0)
            return;
        struct sockaddr_in own;
        socklen_t length = sizeof own;
        if (fd >= FILES_CEILING || getsockname(fd, (struct sockaddr *)&own, &length) != 0) {
            close(fd);
            continue;
        }
        unsigned host = ntohl(own.sin_addr.s_addr);
        int node = (int)(host >> 8 & 255) * HOSTS_A_NET + (int)(host & 255) - 1;
        peers[fd] = calloc(1, sizeof *peers[fd]);
        if (!peers[fd])
            exit(1);
        peers[fd]->node = node < 0 || node >= node_count ? 0 : node;
        const int on = 1;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        struct epoll_event event = { .events = EPOLLIN, .data.fd = fd };
        epoll_ctl(poller, EPOLL_CTL_ADD, fd, &event);
    }
}

static int listen_here(void) {
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons((unsigned short)port) };
    socklen_t length = sizeof at;
    const int on = 1;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(fd, (struct sockaddr *)&at, sizeof at) != 0 || listen(fd, 4096) != 0 ||
        getsockname(fd, (struct sockaddr *)&at, &length) != 0) {
        perror("nodes: listen");
        exit(1);
    }
    port = ntohs(at.sin_port);
    return fd;
}

int main(int count, char **words) {
    struct rlimit files = { FILES_CEILING, FILES_CEILING };
    if (count != 3)
        return 64;
    node_count = 2 * (int)strtol(words[1], NULL, 10);
    port = (int)strtol(words[2], NULL, 10);
    if (node_count < 2 || node_count > NODES_CEILING || port < 0 || port > 65535)
        return 64;
    setrlimit(RLIMIT_NOFILE, &files);
    int listener = listen_here(), poller = epoll_create1(EPOLL_CLOEXEC);
    make_lines();
    struct epoll_event event = { .events = EPOLLIN, .data.fd = listener }, ready[256];
    epoll_ctl(poller, EPOLL_CTL_ADD, listener, &event);
    event.data.fd = 0;
    epoll_ctl(poller, EPOLL_CTL_ADD, 0, &event);
    printf("127.64.0.1:%d\n", port);
    fflush(stdout);
    for (;;) {
        int got = epoll_wait(poller, ready, 256, -1);
        for (int i = 0; i < got; i++) {
            if (ready[i].data.fd == 0)
                return 0;
            if (ready[i].data.fd == listener)
                let_in(poller, listener);
            else if (peers[ready[i].data.fd])
                serve(poller, ready[i].data.fd, ready[i].events);
        }
    }
}
