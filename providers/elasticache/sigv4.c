#include "providers/elasticache/sigv4.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "schemas/base/memory.h"
#include "schemas/base/text.h"

static char *lower_case(const char *string) {
    char *lower = xstrdup(string);
    for (char *at = lower; *at; at++)
        *at = (char)tolower((unsigned char)*at);
    return lower;
}

static int by_name(const void *left, const void *right) {
    return strcasecmp(((const struct sigv4_header *)left)->name,
                      ((const struct sigv4_header *)right)->name);
}

static struct sigv4_header *sorted_headers(const struct sigv4_request *request) {
    struct sigv4_header *headers = xcalloc(request->header_count + 1, sizeof *headers);
    for (size_t i = 0; i < request->header_count; i++)
        headers[i] = request->headers[i];
    qsort(headers, request->header_count, sizeof *headers, by_name);
    return headers;
}

static void add_squeezed(struct text *text, const char *value) {
    bool gap = false, begun = false;
    for (; *value; value++) {
        if (*value == ' ' || *value == '\t') {
            gap = begun;
            continue;
        }
        if (gap)
            text_add_char(text, ' ');
        text_add_char(text, *value);
        gap = false;
        begun = true;
    }
}

char *sigv4_signed_headers(const struct sigv4_request *request) {
    struct sigv4_header *headers = sorted_headers(request);
    AUTO(text_clear) struct text text = { 0 };
    for (size_t i = 0; i < request->header_count; i++) {
        AUTO(string_free) char *name = lower_case(headers[i].name);
        text_addf(&text, "%s%s", i ? ";" : "", name);
    }
    free(headers);
    return xstrdup(text_string(&text));
}

static void add_encoded(struct text *out, const char *bytes, size_t length) {
    for (size_t i = 0; i < length; i++)
        if (isalnum((unsigned char)bytes[i]) || strchr("-_.~", bytes[i]))
            text_add_char(out, bytes[i]);
        else
            text_addf(out, "%%%02X", (unsigned char)bytes[i]);
}

/* Takes the last segment off, up to its slash. */
static void go_up(struct text *path) {
    while (path->length > 0 && path->bytes[path->length - 1] != '/')
        path->length--;
    if (path->length > 0)
        path->length--;
}

char *sigv4_canonical_path(const char *path) {
    AUTO(text_clear) struct text out = { 0 };
    bool open = false; /* it ends with a slash */
    while (*path) {
        size_t length = strcspn(path, "/");
        bool dot = length == 1 && path[0] == '.', dots = length == 2 && strncmp(path, "..", 2) == 0;
        if (dots) {
            go_up(&out);
        } else if (length && !dot) {
            text_add_char(&out, '/');
            add_encoded(&out, path, length);
        }
        open = dot || dots || path[length] == '/';
        path += length + (path[length] == '/');
    }
    if (open || out.length == 0)
        text_add_char(&out, '/');
    return xstrndup(out.bytes, out.length);
}

char *sigv4_canonical_request(const struct sigv4_request *request) {
    AUTO(text_clear) struct text text = { 0 };
    text_addf(&text, "%s\n%s\n%s\n", request->method, request->path, request->query);
    struct sigv4_header *headers = sorted_headers(request);
    for (size_t i = 0; i < request->header_count; i++) {
        AUTO(string_free) char *name = lower_case(headers[i].name);
        text_addf(&text, "%s:", name);
        add_squeezed(&text, headers[i].value);
        text_add_char(&text, '\n');
    }
    free(headers);
    AUTO(string_free) char *names = sigv4_signed_headers(request);
    char payload[DIGEST_HEX_BYTES];
    digest_sha256_hex(request->body, request->body_length, payload);
    text_addf(&text, "\n%s\n%s", names, payload);
    return text_take(&text);
}

static char *sigv4_credential_scope(const struct sigv4_scope *scope) {
    return xasprintf("%.8s/%s/%s/aws4_request", scope->time, scope->region, scope->service);
}

char *sigv4_string_to_sign(const struct sigv4_scope *scope, const char *canonical_request) {
    char digest[DIGEST_HEX_BYTES];
    digest_sha256_hex(canonical_request, strlen(canonical_request), digest);
    AUTO(string_free) char *where = sigv4_credential_scope(scope);
    return xasprintf(SIGV4_ALGORITHM "\n%s\n%s\n%s", scope->time, where, digest);
}

void sigv4_signature(const struct secret *secret_key, const struct sigv4_scope *scope,
                     const char *string_to_sign, char out[DIGEST_HEX_BYTES]) {
    size_t length = strlen("AWS4") + secret_length(secret_key);
    char *start = xcalloc(length + 1, 1);
    memcpy(start, "AWS4", strlen("AWS4"));
    memcpy(start + strlen("AWS4"), secret_bytes(secret_key), secret_length(secret_key));
    size_t date_length = strlen(scope->time) < 8 ? strlen(scope->time) : 8;
    uint8_t key[DIGEST_BYTES], next[DIGEST_BYTES];
    digest_hmac(start, length, scope->time, date_length, key);
    secret_wipe(start, length);
    free(start);
    const char *const rest[] = { scope->region, scope->service, "aws4_request", string_to_sign };
    for (size_t i = 0; i < COUNT(rest); i++) {
        digest_hmac(key, sizeof key, rest[i], strlen(rest[i]), next);
        memcpy(key, next, sizeof key);
    }
    digest_hex(key, sizeof key, out);
    secret_wipe(key, sizeof key);
    secret_wipe(next, sizeof next);
}

char *sigv4_authorization(const struct sigv4_request *request, const struct sigv4_scope *scope,
                          const char *access_key_id, const struct secret *secret_key) {
    AUTO(string_free) char *canonical = sigv4_canonical_request(request);
    AUTO(string_free) char *to_sign = sigv4_string_to_sign(scope, canonical);
    AUTO(string_free) char *where = sigv4_credential_scope(scope);
    AUTO(string_free) char *names = sigv4_signed_headers(request);
    char signature[DIGEST_HEX_BYTES];
    sigv4_signature(secret_key, scope, to_sign, signature);
    return xasprintf(SIGV4_ALGORITHM " Credential=%s/%s, SignedHeaders=%s, Signature=%s",
                     access_key_id, where, names, signature);
}
