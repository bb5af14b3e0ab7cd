/* One HTTP/1.1 client over one kept connection. It follows no redirect, obeys HTTP_PROXY,
 * HTTPS_PROXY and NO_PROXY, and goes to this machine's own addresses without a proxy. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "schemas/base/error.h"
#include "schemas/base/language.h"
#include "schemas/base/strings.h"
#include "schemas/base/text.h"

#define HTTP_ANSWER_CEILING_BYTES ((size_t)8 << 20)
#define HTTP_HEADER_CEILING_BYTES ((size_t)256 << 10)

struct http;

struct http_request {
    const char *url;
    const char *method;     /* NULL: POST */
    bool without_proxy;     /* for what hands out credentials to this machine alone */
    struct strings headers; /* "Name: value" */
    const char *body;
    size_t body_length;
    bool once; /* never send it a second time, not even when a kept connection turns out dead */
    int64_t timeout_ms;
    int64_t deadline_mono_ms;
};

struct http_answer {
    long status;
    struct text body;
    size_t header_bytes;
    char *request_id;       /* x-amzn-RequestId, or NULL */
    int64_t date_at_ms;     /* the server's clock in whole seconds, or 0 */
    int64_t retry_after_ms; /* x-amz-retry-after, or -1 */
};

/* `ca_file` replaces the system's trust store; NULL keeps it. */
MUST_CHECK bool http_open(const char *ca_file, struct http **out, struct error *err);
void http_close(struct http *http);
AUTO_POINTER(struct http, http_close)

/* True for any HTTP status. ERROR_UNREACHABLE and ERROR_DEADLINE: certainly nothing was sent;
 * ERROR_LOST_ANSWER: something was; ERROR_LIMIT: the answer is too long. */
MUST_CHECK bool http_send(struct http *http, const struct http_request *request,
                          struct http_answer *out, struct error *err);
void http_answer_clear(struct http_answer *answer);
AUTO_VALUE(struct http_answer, http_answer_clear)
