#include "providers/elasticache/http.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

#include "providers/elasticache/endpoint.h"
#include "schemas/base/clock.h"
#include "schemas/base/memory.h"
#include "schemas/base/number.h"

#define CONNECT_TIMEOUT_MS 10000

struct http {
    CURL *curl;
    char *ca_file;
    char reason[CURL_ERROR_SIZE];
};

bool http_open(const char *ca_file, struct http **out, struct error *err) {
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        return error_set(err, ERROR_FAILED, "libcurl could not be initialized");
    struct http *http = xcalloc(1, sizeof *http);
    http->curl = curl_easy_init();
    if (!http->curl)
        abort();
    http->ca_file = xstrdup(ca_file);
    *out = http;
    return true;
}

void http_close(struct http *http) {
    if (!http)
        return;
    curl_easy_cleanup(http->curl);
    curl_global_cleanup();
    free(http->ca_file);
    free(http);
}

static size_t on_body(char *bytes, size_t size, size_t count, void *context) {
    struct http_answer *answer = context;
    text_add_bytes(&answer->body, bytes, size * count);
    return answer->body.overflowed ? 0 : size * count;
}

/* The value of a header line when it is the one asked for, else NULL; the caller frees. */
static char *header_value(const char *bytes, size_t length, const char *name) {
    size_t name_length = strlen(name);
    if (length <= name_length || bytes[name_length] != ':' ||
        strncasecmp(bytes, name, name_length) != 0)
        return NULL;
    const char *start = bytes + name_length + 1, *end = bytes + length;
    while (start < end && (*start == ' ' || *start == '\t'))
        start++;
    while (end > start && (end[-1] == '\r' || end[-1] == '\n' || end[-1] == ' '))
        end--;
    return xstrndup(start, (size_t)(end - start));
}

static size_t on_header(char *bytes, size_t size, size_t count, void *context) {
    struct http_answer *answer = context;
    size_t length = size * count;
    char *value = NULL;
    answer->header_bytes += length;
    if (answer->header_bytes > HTTP_HEADER_CEILING_BYTES)
        return 0;
    if ((value = header_value(bytes, length, "x-amzn-RequestId"))) {
        string_replace(&answer->request_id, value);
    } else if ((value = header_value(bytes, length, "Date"))) {
        time_t seconds = curl_getdate(value, NULL);
        answer->date_at_ms = seconds > 0 ? number_product(seconds, 1000) : 0;
    } else if ((value = header_value(bytes, length, "x-amz-retry-after"))) {
        int64_t milliseconds = number_or(value, -1);
        answer->retry_after_ms = milliseconds >= 0 ? milliseconds : -1;
    }
    free(value);
    return length;
}

/* libcurl reads the proxy variables itself, but HTTP_PROXY only in lower case; the AWS tools read
 * both. */
static const char *proxy_for(const char *url) {
    if (host_is_loopback(strstr(url, "://") + 3))
        return "";
    if (strncmp(url, "http://", 7) != 0 || getenv("http_proxy"))
        return NULL;
    return getenv("HTTP_PROXY");
}

/* libcurl asks about once a second, and more often while bytes come. */
static int on_progress(void *context, curl_off_t to_read, curl_off_t was_read, curl_off_t to_send,
                       curl_off_t was_sent) {
    (void)context, (void)to_read, (void)was_read, (void)to_send, (void)was_sent;
    return clock_called_off();
}

static void prepare(struct http *http, const struct http_request *request,
                    struct curl_slist *headers, long timeout_ms) {
    CURL *curl = http->curl;
    curl_easy_reset(curl); /* keeps the connection */
    (void)curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, http->reason);
    (void)curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    (void)curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    (void)curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    (void)curl_easy_setopt(curl, CURLOPT_URL, request->url);
    if (request->method && strcmp(request->method, "GET") == 0) {
        (void)curl_easy_setopt(curl, CURLOPT_HTTPGET, 1L);
    } else {
        (void)curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body_length);
        (void)curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request->body ? request->body : "");
        if (request->method)
            (void)curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request->method);
    }
    (void)curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    (void)curl_easy_setopt(curl, CURLOPT_USERAGENT, "ecmig/" ECMIG_VERSION);
    (void)curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, timeout_ms);
    (void)curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_TIMEOUT_MS);
    (void)curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
    (void)curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_header);
    (void)curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    (void)curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_progress);
    /* When a kept connection breaks before an answer, libcurl sends again on a new one, POST or
     * not. On a fresh connection it does not. */
    (void)curl_easy_setopt(curl, CURLOPT_FRESH_CONNECT, request->once ? 1L : 0L);
    const char *proxy = request->without_proxy ? "" : proxy_for(request->url);
    if (proxy)
        (void)curl_easy_setopt(curl, CURLOPT_PROXY, proxy);
    if (!http->ca_file)
        return;
    /* In place of the system's, which libcurl knows as a file and as a folder. */
    (void)curl_easy_setopt(curl, CURLOPT_CAINFO, http->ca_file);
    (void)curl_easy_setopt(curl, CURLOPT_CAPATH, NULL);
    (void)curl_easy_setopt(curl, CURLOPT_PROXY_CAINFO, http->ca_file);
    (void)curl_easy_setopt(curl, CURLOPT_PROXY_CAPATH, NULL);
}

/* Has any of the request left? What was said to a proxy, or before encryption was agreed on, is
 * none of it. */
static bool was_sent(const struct http *http, const char *url) {
    long sent_bytes = 0, connections = 0;
    curl_off_t encrypted_us = 0;
    (void)curl_easy_getinfo(http->curl, CURLINFO_REQUEST_SIZE, &sent_bytes);
    (void)curl_easy_getinfo(http->curl, CURLINFO_NUM_CONNECTS, &connections);
    (void)curl_easy_getinfo(http->curl, CURLINFO_APPCONNECT_TIME_T, &encrypted_us);
    bool before = strncmp(url, "https://", 8) == 0 && connections > 0 && encrypted_us == 0;
    return sent_bytes > 0 && !before;
}

static bool report(const struct http *http, CURLcode code, const struct http_request *request,
                   const struct http_answer *answer, struct error *err) {
    const char *reason = *http->reason ? http->reason : curl_easy_strerror(code);
    if (answer->header_bytes > HTTP_HEADER_CEILING_BYTES)
        return error_set(err, ERROR_LIMIT, "'%s' answered with more than %zu bytes of headers",
                         request->url, HTTP_HEADER_CEILING_BYTES);
    if (answer->body.overflowed)
        return error_set(err, ERROR_LIMIT, "'%s' answered with more than %zu bytes", request->url,
                         HTTP_ANSWER_CEILING_BYTES);
    if (was_sent(http, request->url))
        return error_set(err, ERROR_LOST_ANSWER, "'%s' sent an incomplete answer: %s", request->url,
                         reason);
    error_set(err, ERROR_UNREACHABLE, "cannot reach '%s': %s", request->url, reason);
    if (code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CACERT_BADFILE)
        return error_hint(
            err, "check AWS_CA_BUNDLE, the clock, and the proxies between here and the endpoint");
    if (code == CURLE_COULDNT_RESOLVE_HOST)
        return error_hint(err, "check the region, the endpoint and name resolution");
    return error_hint(err, "check the endpoint, the network and the proxy variables");
}

bool http_send(struct http *http, const struct http_request *request, struct http_answer *out,
               struct error *err) {
    int left_ms = clock_left_ms(request->deadline_mono_ms);
    if (left_ms == 0)
        return error_set(err, ERROR_DEADLINE, "the deadline passed before '%s' was asked",
                         request->url);
    long timeout_ms = left_ms < request->timeout_ms ? left_ms : (long)request->timeout_ms;
    AUTO(http_answer_clear) struct http_answer answer = { .retry_after_ms = -1 };
    text_init(&answer.body, HTTP_ANSWER_CEILING_BYTES);
    struct curl_slist *headers = curl_slist_append(NULL, "Expect:");
    for (size_t i = 0; i < request->headers.count; i++)
        headers = curl_slist_append(headers, request->headers.items[i]);
    prepare(http, request, headers, timeout_ms);
    (void)curl_easy_setopt(http->curl, CURLOPT_WRITEDATA, &answer);
    (void)curl_easy_setopt(http->curl, CURLOPT_HEADERDATA, &answer);
    http->reason[0] = '\0';
    CURLcode code = curl_easy_perform(http->curl);
    (void)curl_easy_getinfo(http->curl, CURLINFO_RESPONSE_CODE, &answer.status);
    bool done = code == CURLE_OK || report(http, code, request, &answer, err);
    curl_slist_free_all(headers);
    if (!done)
        return false;
    http_answer_clear(out);
    *out = MOVE(answer);
    return true;
}

void http_answer_clear(struct http_answer *answer) {
    text_clear(&answer->body);
    free(answer->request_id);
    *answer = (struct http_answer){ 0 };
}
