#include "providers/local/wire/http.h"

#include <arpa/inet.h>
#include <microhttpd.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "schemas/base/clock.h"
#include "schemas/base/memory.h"

#define BODY_CEILING_BYTES ((size_t)1 << 20)
#define CONNECTION_CEILING 256
#define IDLE_S 30
#define BUSY_TICK_MS 20
#define IDLE_TICK_MS 250

/* MHD calls us again for each piece of a body; this is what it hands back in between. */
struct exchange {
    char *path;
    struct text body;
    struct http_page page;
    bool begun;    /* its headers were seen */
    bool answered; /* the page is there */
    struct MHD_Connection *connection;
    int64_t late_until_mono_ms;
    struct exchange *next; /* of those that are late */
};

struct server {
    const struct http_service *service;
    struct exchange *late;
};

static enum MHD_Result send_page(const struct exchange *exchange) {
    const struct text *text = &exchange->page.text;
    struct MHD_Response *response =
        MHD_create_response_from_buffer(text->length, text->bytes, MHD_RESPMEM_MUST_COPY);
    MHD_add_response_header(response, "Content-Type", "text/xml");
    MHD_add_response_header(response, "x-amzn-RequestId", exchange->page.request_id);
    enum MHD_Result result =
        MHD_queue_response(exchange->connection, exchange->page.status, response);
    MHD_destroy_response(response);
    return result;
}

static enum MHD_Result keep_header(void *headers, enum MHD_ValueKind kind, const char *name,
                                   const char *value) {
    (void)kind;
    struct pair *pair = LIST_ADD((struct pairs *)headers);
    pair->name = xstrdup(name);
    pair->value = xstrdup(value ? value : "");
    return MHD_YES;
}

static void send_late(struct server *server, bool all) {
    for (struct exchange **at = &server->late; *at;) {
        struct exchange *exchange = *at;
        if (!all && clock_mono_ms() < exchange->late_until_mono_ms) {
            at = &exchange->next;
            continue;
        }
        *at = exchange->next;
        MHD_resume_connection(exchange->connection);
    }
}

/* MHD_NO closes the connection. */
static enum MHD_Result answer(struct server *server, struct exchange *exchange,
                              const char *method) {
    AUTO(pairs_clear) struct pairs headers = { 0 };
    MHD_get_connection_values(exchange->connection, MHD_HEADER_KIND, keep_header, &headers);
    const struct http_request request = { method, exchange->path, &headers, &exchange->body };
    server->service->answer(server->service->context, &request, &exchange->page);
    exchange->answered = true;
    if (exchange->page.dropped)
        return MHD_NO;
    if (!exchange->page.delay_ms)
        return send_page(exchange);
    exchange->late_until_mono_ms = clock_mono_ms() + exchange->page.delay_ms;
    exchange->next = server->late;
    server->late = exchange;
    MHD_suspend_connection(exchange->connection);
    return MHD_YES;
}

/* libmicrohttpd decodes the path that it gives to receive; here it is as it was sent. */
static void *begin(void *context, const char *target, struct MHD_Connection *connection) {
    (void)context;
    struct exchange *exchange = xcalloc(1, sizeof *exchange);
    exchange->path = xstrndup(target, strcspn(target, "?"));
    text_init(&exchange->body, BODY_CEILING_BYTES);
    exchange->connection = connection;
    return exchange;
}

/* The eight parameters are the library's. */
static enum MHD_Result receive(void *context, struct MHD_Connection *connection, const char *path,
                               const char *method, const char *version, const char *bytes,
                               size_t *length, void **state) {
    (void)connection, (void)path, (void)version;
    struct exchange *exchange = *state;
    if (!exchange->begun) {
        exchange->begun = true;
        return MHD_YES;
    }
    if (*length) {
        text_add_bytes(&exchange->body, bytes, *length);
        *length = 0;
        return MHD_YES;
    }
    return exchange->answered ? send_page(exchange) : answer(context, exchange, method);
}

static void forget(void *context, struct MHD_Connection *connection, void **state,
                   enum MHD_RequestTerminationCode code) {
    (void)context;
    (void)connection;
    (void)code;
    struct exchange *exchange = *state;
    if (exchange) {
        free(exchange->path);
        text_clear(&exchange->body);
        text_clear(&exchange->page.text);
    }
    free(exchange);
    *state = NULL;
}

bool http_listen(int64_t *port, int *fd, struct error *err) {
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((uint16_t)*port) };
    socklen_t size = sizeof address;
    int on = 1;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int opened = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (opened < 0)
        return error_set_errno(err, "cannot open a socket");
    setsockopt(opened, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(opened, (struct sockaddr *)&address, sizeof address) < 0 ||
        listen(opened, CONNECTION_CEILING) < 0 ||
        getsockname(opened, (struct sockaddr *)&address, &size) < 0) {
        error_set_errno(err, "cannot listen on 127.0.0.1:%d", (int)*port);
        close(opened);
        return error_hint(err, "leave out --port to use a free one");
    }
    *port = ntohs(address.sin_port);
    *fd = opened;
    return true;
}

static struct MHD_Daemon *start_daemon(struct server *server, int listen_fd) {
    return MHD_start_daemon(MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL, receive,
                            server, MHD_OPTION_URI_LOG_CALLBACK, begin, NULL,
                            MHD_OPTION_LISTEN_SOCKET, listen_fd, MHD_OPTION_NOTIFY_COMPLETED,
                            forget, NULL, MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTION_CEILING,
                            MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_S, MHD_OPTION_END);
}

bool http_serve(const struct http_service *service, int listen_fd, int stop_fd, struct error *err) {
    struct server server = { .service = service };
    struct MHD_Daemon *daemon = start_daemon(&server, listen_fd);
    if (!daemon)
        return error_set(err, ERROR_FAILED, "the HTTP server does not start");
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_EPOLL_FD);
    struct pollfd waits[] = { { .fd = info->epoll_fd, .events = POLLIN },
                              { .fd = stop_fd, .events = POLLIN } };
    bool busy = true;
    while (!(waits[1].revents & POLLIN)) {
        MHD_UNSIGNED_LONG_LONG wait_ms = 0;
        int tick_ms = busy || server.late ? BUSY_TICK_MS : IDLE_TICK_MS;
        if (MHD_get_timeout(daemon, &wait_ms) == MHD_YES && wait_ms < (unsigned)tick_ms)
            tick_ms = (int)wait_ms;
        poll(waits, COUNT(waits), tick_ms);
        if (!service->goes_on(service->context))
            break;
        send_late(&server, false);
        MHD_run(daemon);
        busy = service->advance(service->context);
    }
    send_late(&server, true);
    MHD_stop_daemon(daemon);
    return true;
}
