/* HTTP on loopback: libmicrohttpd driven from our own loop, so that requests and timers never
 * overlap. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "schemas/base/error.h"
#include "schemas/base/language.h"
#include "schemas/base/text.h"
#include "schemas/json/pairs.h"

#define REQUEST_ID_BYTES 37

struct http_request {
    const char *method;
    const char *path; /* as it was sent: what is signed is made of that */
    const struct pairs *headers;
    const struct text *body; /* overflowed: it is too large */
};

struct http_page {
    unsigned status;
    char request_id[REQUEST_ID_BYTES];
    struct text text;
    int64_t delay_ms; /* before it is sent */
    bool dropped;     /* the connection is closed instead */
};

/* Whom the loop serves. */
struct http_service {
    void *context;
    void (*answer)(void *context, const struct http_request *request, struct http_page *page);
    bool (*goes_on)(void *context); /* asked before requests are taken; false ends the loop */
    bool (*advance)(void *context); /* timers, after requests; true: soon again */
};

/* Loopback sockets: a listening one at the port (0: any free; *port is what it got). */
MUST_CHECK bool http_listen(int64_t *port, int *fd, struct error *err);
/* Until stop_fd can be read. */
MUST_CHECK bool http_serve(const struct http_service *service, int listen_fd, int stop_fd,
                           struct error *err);
