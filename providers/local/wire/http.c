/* The wire: libmicrohttpd driven from our own loop, so that requests and timers never overlap. */
#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "providers/local/actions/action.h"
#include "providers/local/fault/faults.h"
#include "providers/local/machine/nodes.h"
#include "providers/local/state/endpoint.h"
#include "schemas/base/clock.h"
#include "schemas/base/digest.h"
#include "schemas/base/memory.h"

#define BODY_CEILING_BYTES ((size_t)1 << 20)
#define CONNECTION_CEILING 256
#define IDLE_S 30
#define BUSY_TICK_MS 20
#define IDLE_TICK_MS 250
#define ELASTICACHE_NAMESPACE "http://elasticache.amazonaws.com/doc/2015-02-02/"

/* MHD calls us again for each piece of a body; this is what it hands back in between. */
struct exchange {
    char *path; /* as it was sent: what is signed is made of that */
    struct text body;
    struct text page; /* the answer, empty before there is one */
    bool begun;       /* its headers were seen */
    unsigned status;
    char request_id[37];
    struct MHD_Connection *connection;
    int64_t late_until_mono_ms; /* 0: answered at once */
    struct exchange *next;      /* of those that are late */
};

struct server {
    struct endpoint *endpoint;
    struct exchange *late;
};

static enum MHD_Result send_page(const struct exchange *exchange) {
    const struct text *page = &exchange->page;
    struct MHD_Response *response =
        MHD_create_response_from_buffer(page->length, page->bytes, MHD_RESPMEM_MUST_COPY);
    MHD_add_response_header(response, "Content-Type", "text/xml");
    MHD_add_response_header(response, "x-amzn-RequestId", exchange->request_id);
    enum MHD_Result result = MHD_queue_response(exchange->connection, exchange->status, response);
    MHD_destroy_response(response);
    return result;
}

static void make_request_id(char out[37]) {
    AUTO(string_free) char *hex = random_hex(16);
    snprintf(out, 37, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12, hex + 16, hex + 20);
}

static void write_refusal(struct exchange *exchange, const char *namespace,
                          const struct refusal *refusal) {
    struct text *page = &exchange->page;
    exchange->status = api_error_status(refusal->error);
    text_addf(page, "<ErrorResponse xmlns=\"%s\"><Error>", namespace);
    markup_string(page, "Type", exchange->status >= 500 ? "Receiver" : "Sender");
    markup_string(page, "Code", api_error_code(refusal->error));
    markup_string(page, "Message", refusal->message);
    text_add(page, "</Error>");
    markup_string(page, "RequestId", exchange->request_id);
    text_add(page, "</ErrorResponse>");
}

static void write_result(struct exchange *exchange, const struct action *action,
                         const struct text *result) {
    struct text *page = &exchange->page;
    exchange->status = MHD_HTTP_OK;
    text_addf(page, "<%sResponse xmlns=\"%s\">", action->name, action->namespace);
    if (action->effect != VANISHES)
        text_addf(page, "<%sResult>%s</%sResult>", action->name, text_string(result), action->name);
    text_add(page, "<ResponseMetadata>");
    markup_string(page, "RequestId", exchange->request_id);
    text_addf(page, "</ResponseMetadata></%sResponse>", action->name);
}

static enum MHD_Result keep_header(void *headers, enum MHD_ValueKind kind, const char *name,
                                   const char *value) {
    (void)kind;
    struct pair *pair = LIST_ADD((struct pairs *)headers);
    pair->name = xstrdup(name);
    pair->value = xstrdup(value ? value : "");
    return MHD_YES;
}

static bool check_signature(const struct exchange *exchange, const char *method,
                            struct signer *signer, struct refusal *refusal) {
    AUTO(form_clear) struct pairs headers = { 0 };
    AUTO(secret_free)
    struct secret *key = secret_new(LOCAL_SECRET_ACCESS_KEY, strlen(LOCAL_SECRET_ACCESS_KEY));
    MHD_get_connection_values(exchange->connection, MHD_HEADER_KIND, keep_header, &headers);
    struct signed_request request = {
        .method = method,
        .path = exchange->path,
        .query = "",
        .headers = &headers,
        .body = text_string(&exchange->body),
        .body_length = exchange->body.length,
    };
    return host_check(&headers, refusal) &&
           signature_check(&request, LOCAL_ACCESS_KEY_ID, key, clock_wall_ms(), signer, refusal);
}

static bool find_action(const struct pairs *form, const struct signer *signer,
                        const struct action **out, struct refusal *refusal) {
    const char *name = pairs_find(form, "Action"), *version = pairs_find(form, "Version");
    if (!name)
        return refuse(refusal, API_ERROR_MISSING_ACTION, "The request has no Action.");
    *out = action_find(name, version ? version : "");
    if (!*out)
        return refuse(refusal, API_ERROR_INVALID_ACTION,
                      "Could not find operation %s for version %s", name,
                      version ? version : "NO_VERSION_SPECIFIED");
    if (strcmp(signer->region, LOCAL_REGION) != 0)
        return refuse(refusal, API_ERROR_SIGNATURE,
                      "Credential should be scoped to a valid region, not '%s'.", signer->region);
    if (strcmp(signer->service, (*out)->service) != 0)
        return refuse(refusal, API_ERROR_SIGNATURE,
                      "Credential should be scoped to correct service: '%s'.", (*out)->service);
    return true;
}

/* What a handler changed is on disk before the client hears of it. */
static bool run_action(const struct action *action, struct request *request,
                       const struct fault *fault) {
    struct endpoint *endpoint = request->endpoint;
    AUTO(error_clear) struct error err = { 0 };
    if (fault && fault->kind == FAULT_THROTTLE)
        return refuse(request->refusal, API_ERROR_THROTTLED, "Rate exceeded");
    if (fault && fault->kind == FAULT_DENY)
        return refuse(request->refusal, API_ERROR_ACCESS_DENIED,
                      "User: " LOCAL_CALLER " is not authorized to perform: %s:%s", action->service,
                      action->name);
    if (fault && fault->kind == FAULT_FAIL)
        return refuse(request->refusal, API_ERROR_INTERNAL, "A fault that was asked for.");
    if (!action->run(request))
        return false;
    if (action->effect != READS && !state_save(endpoint->dir, &endpoint->state, &err)) {
        endpoint->changed = true;
        return refuse(request->refusal, API_ERROR_INTERNAL, "%s", err.message);
    }
    if (fault && fault->kind == FAULT_FAIL_AFTER)
        return refuse(request->refusal, API_ERROR_INTERNAL, "A fault that was asked for.");
    return true;
}

/* What becomes of the answer; MHD_NO closes the connection. */
static enum MHD_Result send_answer(struct server *server, struct exchange *exchange,
                                   const struct fault *fault) {
    if (fault && fault->kind == FAULT_DROP)
        return MHD_NO;
    if (fault && fault->kind == FAULT_GARBAGE) {
        exchange->status = MHD_HTTP_OK;
        text_clear(&exchange->page);
        text_add(&exchange->page, "<html><body>It works!</body>");
    }
    if (!fault || fault->kind != FAULT_DELAY)
        return send_page(exchange);
    exchange->late_until_mono_ms = clock_mono_ms() + fault->for_ms;
    exchange->next = server->late;
    server->late = exchange;
    MHD_suspend_connection(exchange->connection);
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

static enum MHD_Result answer(struct server *server, struct exchange *exchange,
                              const char *method) {
    struct endpoint *endpoint = server->endpoint;
    const struct text *body = &exchange->body;
    AUTO(fault_clear) struct fault fault = { 0 };
    AUTO(refusal_clear) struct refusal refusal = { 0 };
    AUTO(signer_clear) struct signer signer = { 0 };
    AUTO(form_clear) struct pairs form = { 0 };
    AUTO(text_clear) struct text result = { 0 };
    const struct action *action = NULL;
    bool done = strcmp(method, "POST") == 0 ||
                refuse(&refusal, API_ERROR_MISSING_ACTION, "Requests are sent by POST.");
    if (done && body->overflowed)
        done = refuse(&refusal, API_ERROR_MALFORMED_QUERY, "The request is too large.");
    done = done && check_signature(exchange, method, &signer, &refusal);
    if (done && !form_parse(text_string(body), body->length, &form))
        done = refuse(&refusal, API_ERROR_MALFORMED_QUERY, "The query string is malformed.");
    done = done && find_action(&form, &signer, &action, &refusal);
    struct request request = { endpoint, &form, signer.region, &result, &refusal };
    bool injected = done && fault_on_call(endpoint->dir, action->name, &fault);
    done = done && run_action(action, &request, injected ? &fault : NULL);
    endpoint_log("%s %s%s%s", action ? action->name : "-",
                 done ? "ok" : api_error_code(refusal.error), injected ? ", fault " : "",
                 injected ? fault_rows[fault.kind].name : "");
    make_request_id(exchange->request_id);
    if (done)
        write_result(exchange, action, &result);
    else
        write_refusal(exchange, action ? action->namespace : ELASTICACHE_NAMESPACE, &refusal);
    return send_answer(server, exchange, injected ? &fault : NULL);
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
    return exchange->page.length ? send_page(exchange) : answer(context, exchange, method);
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
        text_clear(&exchange->page);
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
        return error_hint(err, "leave --port out, and a free one is taken");
    }
    *port = ntohs(address.sin_port);
    *fd = opened;
    return true;
}

static void save_changes(struct endpoint *endpoint) {
    AUTO(error_clear) struct error err = { 0 };
    if (!endpoint->changed)
        return;
    if (state_save(endpoint->dir, &endpoint->state, &err))
        endpoint->changed = endpoint->unsaved = false;
    else if (!endpoint->unsaved) /* tried again at each turn, said once */
        endpoint_log("state: %s", err.message);
    endpoint->unsaved = endpoint->changed;
}

/* The folder was removed without `local down`: nobody could find us any more to end us. */
static bool is_forgotten(const struct endpoint *endpoint) {
    AUTO(string_free) char *pid_path = endpoint_file(endpoint->dir, "endpoint.pid");
    struct stat status;
    return stat(pid_path, &status) < 0 && errno == ENOENT;
}

bool http_serve(struct endpoint *endpoint, int listen_fd, int stop_fd, struct error *err) {
    struct server server = { .endpoint = endpoint };
    struct MHD_Daemon *daemon =
        MHD_start_daemon(MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL, receive, &server,
                         MHD_OPTION_URI_LOG_CALLBACK, begin, NULL, MHD_OPTION_LISTEN_SOCKET,
                         listen_fd, MHD_OPTION_NOTIFY_COMPLETED, forget, NULL,
                         MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTION_CEILING,
                         MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_S, MHD_OPTION_END);
    if (!daemon)
        return error_set(err, ERROR_FAILED, "the HTTP server does not start");
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_EPOLL_FD);
    struct pollfd waits[] = { { .fd = info->epoll_fd, .events = POLLIN },
                              { .fd = stop_fd, .events = POLLIN } };
    while (!(waits[1].revents & POLLIN)) {
        MHD_UNSIGNED_LONG_LONG wait_ms = 0;
        int tick_ms = groups_are_busy(endpoint) || server.late ? BUSY_TICK_MS : IDLE_TICK_MS;
        if (MHD_get_timeout(daemon, &wait_ms) == MHD_YES && wait_ms < (unsigned)tick_ms)
            tick_ms = (int)wait_ms;
        poll(waits, COUNT(waits), tick_ms);
        if (is_forgotten(endpoint)) { /* before anything is written there again */
            nodes_abandon(&endpoint->state);
            break;
        }
        send_late(&server, false);
        MHD_run(daemon);
        faults_advance(endpoint);
        groups_advance(endpoint);
        save_changes(endpoint);
    }
    send_late(&server, true);
    MHD_stop_daemon(daemon);
    return true;
}
