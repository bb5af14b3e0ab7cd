#include "providers/local/wire/signature.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "providers/elasticache/sigv4.h"
#include "schemas/base/clock.h"
#include "schemas/base/memory.h"

#define SIGNED_HEADERS_CEILING 64

void signer_clear(struct signer *signer) {
    if (!signer)
        return;
    free(signer->region);
    free(signer->service);
    *signer = (struct signer){ 0 };
}

static const char *header(const struct signed_request *request, const char *name, size_t length) {
    for (size_t i = 0; i < request->headers->count; i++)
        if (strncasecmp(request->headers->items[i].name, name, length) == 0 &&
            request->headers->items[i].name[length] == 0)
            return request->headers->items[i].value;
    return NULL;
}

/* HOST or HOST:PORT, of a loopback address or localhost. */
static bool is_here(const char *host) {
    const char *port = *host == '[' ? strchr(host, ']') : strchr(host, ':');
    if (port && *port == ']')
        port = port[1] ? port + 1 : NULL;
    size_t length = port ? (size_t)(port - host) : strlen(host);
    size_t digits = port ? strspn(port + 1, "0123456789") : 0;
    if (port && (*port != ':' || digits < 1 || digits > 5 || port[1 + digits]))
        return false;
    if (strncmp(host, "127.", 4) == 0)
        return strspn(host, "0123456789.") == length;
    return (length == 5 && strncmp(host, "[::1]", 5) == 0) ||
           (length == 9 && strncasecmp(host, "localhost", 9) == 0);
}

bool host_check(const struct pairs *headers, struct refusal *refusal) {
    size_t hosts = 0, here = 0;
    for (size_t i = 0; i < headers->count; i++) {
        bool host = strcasecmp(headers->items[i].name, "Host") == 0;
        hosts += host;
        here += host && is_here(headers->items[i].value);
    }
    return (hosts == 1 && here == 1) ||
           refuse(
               refusal, API_ERROR_ACCESS_DENIED,
               "The local endpoint serves only this machine: Host must be 127.0.0.1 or localhost.");
}

struct authorization {
    char *key_id, *date, *region, *service, *signed_headers, *signature;
};

static void authorization_clear(struct authorization *parts) {
    free(parts->key_id);
    free(parts->date);
    free(parts->region);
    free(parts->service);
    free(parts->signed_headers);
    free(parts->signature);
}
AUTO_VALUE(struct authorization, authorization_clear)

/* The value behind `name` up to a comma; NULL when it is not there. */
static char *part(const char *value, const char *name) {
    const char *at = strstr(value, name);
    return at ? xstrndup(at + strlen(name), strcspn(at + strlen(name), ", ")) : NULL;
}

static char *next_word(char **rest) {
    char *word = strsep(rest, "/");
    return word && *word ? xstrdup(word) : NULL;
}

static bool parse_authorization(const char *value, struct authorization *out) {
    if (strncmp(value, SIGV4_ALGORITHM " ", sizeof SIGV4_ALGORITHM) != 0)
        return false;
    AUTO(string_free) char *credential = part(value, "Credential=");
    out->signed_headers = part(value, "SignedHeaders=");
    out->signature = part(value, "Signature=");
    if (!credential || !out->signed_headers || !out->signature)
        return false;
    char *rest = credential;
    out->key_id = next_word(&rest);
    out->date = next_word(&rest);
    out->region = next_word(&rest);
    out->service = next_word(&rest);
    return out->key_id && out->date && out->region && out->service && rest &&
           strcmp(rest, "aws4_request") == 0;
}

/* 20261122T101500Z */
static bool parse_compact_time(const char *value, int64_t *at_ms) {
    char iso[CLOCK_TEXT_BYTES];
    if (strlen(value) != 16 || value[8] != 'T' || value[15] != 'Z')
        return false;
    snprintf(iso, sizeof iso, "%.4s-%.2s-%.2sT%.2s:%.2s:%.2sZ", value, value + 4, value + 6,
             value + 9, value + 11, value + 13);
    return clock_parse(iso, at_ms);
}

static bool check_time(const char *time, const char *date, int64_t now_ms,
                       struct refusal *refusal) {
    int64_t at_ms = 0;
    if (!time || !parse_compact_time(time, &at_ms))
        return refuse(refusal, API_ERROR_INCOMPLETE_SIGNATURE,
                      "Date must be in ISO-8601 'basic format'.");
    if (strncmp(time, date, 8) != 0 || date[8])
        return refuse(refusal, API_ERROR_SIGNATURE,
                      "Date in Credential scope does not match YYYYMMDD from the request's time.");
    char now[CLOCK_TEXT_BYTES];
    clock_format_compact(now_ms, now);
    if (at_ms + SIGNATURE_LIFE_MS < now_ms)
        return refuse(refusal, API_ERROR_REQUEST_EXPIRED,
                      "Signature expired: %s is now earlier than %s less 15 min.", time, now);
    if (at_ms - SIGNATURE_LIFE_MS > now_ms)
        return refuse(refusal, API_ERROR_REQUEST_EXPIRED,
                      "Signature not yet current: %s is still later than %s and 15 min.", time,
                      now);
    return true;
}

static void compute(const struct signed_request *request, const struct authorization *parts,
                    const char *time, const struct secret *secret_key, char out[DIGEST_HEX_BYTES]) {
    struct sigv4_header headers[SIGNED_HEADERS_CEILING];
    AUTO(strings_clear) struct strings names = { 0 };
    AUTO(string_free) char *path = sigv4_canonical_path(request->path);
    struct sigv4_request canonical = {
        .method = request->method,
        .path = path,
        .query = request->query,
        .headers = headers,
        .body = request->body,
        .body_length = request->body_length,
    };
    for (const char *at = parts->signed_headers; *at && names.count < SIGNED_HEADERS_CEILING;) {
        size_t length = strcspn(at, ";");
        const char *value = header(request, at, length);
        strings_addf(&names, "%.*s", (int)length, at);
        headers[canonical.header_count++] =
            (struct sigv4_header){ names.items[names.count - 1], value ? value : "" };
        at += length + (at[length] == ';');
    }
    struct sigv4_scope scope = { time, parts->region, parts->service };
    AUTO(string_free) char *text = sigv4_canonical_request(&canonical);
    AUTO(string_free) char *to_sign = sigv4_string_to_sign(&scope, text);
    sigv4_signature(secret_key, &scope, to_sign, out);
}

/* An attacker who may alter a host or a time that was left out of the signature signs nothing. */
static bool signs(const struct authorization *parts, const char *name) {
    size_t length = strlen(name);
    for (const char *at = parts->signed_headers; (at = strstr(at, name)); at += length)
        if ((at == parts->signed_headers || at[-1] == ';') && (!at[length] || at[length] == ';'))
            return true;
    return false;
}

bool signature_check(const struct signed_request *request, const char *access_key_id,
                     const struct secret *secret_key, int64_t now_ms, struct signer *out,
                     struct refusal *refusal) {
    AUTO(authorization_clear) struct authorization parts = { 0 };
    char expected[DIGEST_HEX_BYTES];
    const char *value = header(request, "Authorization", strlen("Authorization"));
    if (!value)
        return refuse(refusal, API_ERROR_MISSING_TOKEN, "Request is missing Authentication Token");
    if (!parse_authorization(value, &parts))
        return refuse(refusal, API_ERROR_INCOMPLETE_SIGNATURE,
                      "Authorization header requires Credential, SignedHeaders and Signature.");
    if (strcmp(parts.key_id, access_key_id) != 0)
        return refuse(refusal, API_ERROR_INVALID_TOKEN_ID,
                      "The security token included in the request is invalid.");
    const char *time = header(request, "X-Amz-Date", strlen("X-Amz-Date"));
    if (!check_time(time, parts.date, now_ms, refusal))
        return false;
    compute(request, &parts, time, secret_key, expected);
    if (!signs(&parts, "host") || !signs(&parts, "x-amz-date") ||
        strcmp(expected, parts.signature) != 0)
        return refuse(refusal, API_ERROR_SIGNATURE,
                      "The request signature we calculated does not match the signature you "
                      "provided. Check your AWS Secret Access Key and signing method.");
    out->region = TAKE(parts.region);
    out->service = TAKE(parts.service);
    return true;
}
