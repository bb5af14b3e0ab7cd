#include "tests/support/responder.h"

#include <arpa/inet.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "schemas/base/clock.h"
#include "schemas/base/memory.h"
#include "schemas/base/text.h"

#define PEER_CEILING 32

struct record { /* shared with the child */
    volatile size_t request_count, connection_count;
    char requests[RESPONDER_REQUEST_CEILING][RESPONDER_REQUEST_BYTES];
};

struct responder {
    pid_t child;
    int listener;
    char *url;
    struct record *record;
    const struct response *script;
    size_t script_count;
};

struct peer {
    int socket;
    size_t length;
    char buffer[RESPONDER_REQUEST_BYTES];
};

static void send_all(int socket, const char *bytes, size_t length) {
    while (length) {
        ssize_t sent = send(socket, bytes, length, MSG_NOSIGNAL);
        if (sent <= 0)
            return;
        bytes += sent;
        length -= (size_t)sent;
    }
}

static void respond(int socket, const struct response *response) {
    AUTO(text_clear) struct text text = { 0 };
    const char *body = response->body ? response->body : "";
    time_t now = (time_t)((clock_wall_ms() + response->date_skew_ms) / 1000);
    struct tm utc;
    char date[64];
    gmtime_r(&now, &utc);
    (void)strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S GMT", &utc);
    text_addf(&text, "HTTP/1.1 %d X\r\nDate: %s\r\nContent-Length: %zu\r\n%s\r\n%s",
              response->status ? response->status : 200, date, strlen(body),
              response->headers ? response->headers : "", body);
    send_all(socket, text.bytes, text.length);
}

/* The whole request, or 0 while it is not whole. */
static size_t request_length(const char *buffer) {
    const char *end = strstr(buffer, "\r\n\r\n");
    if (!end)
        return 0;
    const char *header = strcasestr(buffer, "\r\nContent-Length:");
    size_t body = header && header < end ? strtoul(header + 17, NULL, 10) : 0;
    size_t whole = (size_t)(end - buffer) + 4 + body;
    return strlen(buffer) >= whole ? whole : 0;
}

static void close_peer(struct peer *peer) {
    (void)close(peer->socket);
    peer->socket = -1;
}

static void serve_peer(struct responder *responder, struct peer *peer) {
    ssize_t got =
        recv(peer->socket, peer->buffer + peer->length, sizeof peer->buffer - 1 - peer->length, 0);
    if (got <= 0) {
        close_peer(peer);
        return;
    }
    peer->length += (size_t)got;
    peer->buffer[peer->length] = '\0';
    size_t whole = request_length(peer->buffer);
    if (!whole)
        return;
    struct record *record = responder->record;
    size_t number = record->request_count;
    if (number < RESPONDER_REQUEST_CEILING)
        memcpy(record->requests[number], peer->buffer, whole);
    record->request_count = number + 1;
    memset(peer->buffer, 0, sizeof peer->buffer);
    peer->length = 0;
    size_t last = responder->script_count - 1;
    const struct response *response = &responder->script[number < last ? number : last];
    if (response->kind == RESPOND || response->kind == RESPOND_AND_CLOSE)
        respond(peer->socket, response);
    if (response->kind == RESPOND_AND_CLOSE || response->kind == RESPOND_BY_CLOSING)
        close_peer(peer);
}

static void accept_peer(struct responder *responder, struct peer *peers) {
    for (size_t i = 0; i < PEER_CEILING; i++) {
        if (peers[i].socket >= 0)
            continue;
        peers[i] = (struct peer){ .socket = accept(responder->listener, NULL, NULL) };
        responder->record->connection_count++;
        return;
    }
    abort();
}

static _Noreturn void serve(struct responder *responder) {
    struct peer *peers = xcalloc(PEER_CEILING, sizeof *peers);
    for (size_t i = 0; i < PEER_CEILING; i++)
        peers[i].socket = -1;
    for (;;) {
        struct pollfd wanted[PEER_CEILING + 1] = { { responder->listener, POLLIN, 0 } };
        for (size_t i = 0; i < PEER_CEILING; i++)
            wanted[i + 1] = (struct pollfd){ peers[i].socket, POLLIN, 0 };
        if (poll(wanted, PEER_CEILING + 1, -1) < 0)
            abort();
        for (size_t i = 0; i < PEER_CEILING; i++)
            if (wanted[i + 1].revents)
                serve_peer(responder, &peers[i]);
        if (wanted[0].revents)
            accept_peer(responder, peers);
    }
}

struct responder *responder_open(const struct response *script, size_t count) {
    struct responder *responder = xcalloc(1, sizeof *responder);
    responder->script = script;
    responder->script_count = count;
    responder->record = mmap(NULL, sizeof *responder->record, PROT_READ | PROT_WRITE,
                             MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (responder->record == MAP_FAILED)
        abort();
    struct sockaddr_in address = { .sin_family = AF_INET };
    socklen_t size = sizeof address;
    (void)inet_pton(AF_INET, "127.77.4.1", &address.sin_addr);
    responder->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(responder->listener, (struct sockaddr *)&address, size) != 0 ||
        listen(responder->listener, 16) != 0 ||
        getsockname(responder->listener, (struct sockaddr *)&address, &size) != 0)
        abort();
    responder->url = xasprintf("http://127.77.4.1:%d", ntohs(address.sin_port));
    responder->child = fork();
    if (responder->child == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        serve(responder);
    }
    (void)close(responder->listener);
    return responder;
}

void responder_close(struct responder *responder) {
    if (!responder)
        return;
    (void)kill(responder->child, SIGKILL);
    (void)waitpid(responder->child, NULL, 0);
    (void)munmap(responder->record, sizeof *responder->record);
    free(responder->url);
    free(responder);
}

const char *responder_url(const struct responder *responder) {
    return responder->url;
}

size_t responder_requests(const struct responder *responder) {
    return responder->record->request_count;
}

size_t responder_connections(const struct responder *responder) {
    return responder->record->connection_count;
}

const char *responder_request(const struct responder *responder, size_t index) {
    return index < responder_requests(responder) ? responder->record->requests[index] : "";
}

const char *responder_body(const struct responder *responder, size_t index) {
    const char *end = strstr(responder_request(responder, index), "\r\n\r\n");
    return end ? end + 4 : "";
}
