/* A loopback HTTP server that answers by script, in a forked child: for what no honest server does.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "schemas/base/language.h"

#define RESPONDER_REQUEST_CEILING 64
#define RESPONDER_REQUEST_BYTES 8192

enum response_kind {
    RESPOND,            /* status, headers and body, connection kept */
    RESPOND_AND_CLOSE,  /* the same, then the connection is closed without a word */
    RESPOND_BY_CLOSING, /* reads the request, closes */
    RESPOND_NEVER,      /* reads the request, keeps silent */
};

struct response {
    enum response_kind kind;
    int status;          /* 0 is 200 */
    const char *headers; /* each ends with \r\n; or NULL */
    const char *body;
    int64_t date_skew_ms; /* the Date header's distance from now */
};

struct responder;
/* Request number n gets script[n], those after the last get the last. */
struct responder *responder_open(const struct response *script, size_t count);
void responder_close(struct responder *responder);
AUTO_POINTER(struct responder, responder_close)
const char *responder_url(const struct responder *responder); /* http://127.77.…:port */
size_t responder_requests(const struct responder *responder); /* received so far */
size_t responder_connections(const struct responder *responder);
const char *responder_request(const struct responder *responder, size_t index); /* as received */
const char *responder_body(const struct responder *responder, size_t index);
