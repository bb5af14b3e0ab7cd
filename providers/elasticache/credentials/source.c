#include "providers/elasticache/credentials/source.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "schemas/base/clock.h"
#include "schemas/base/memory.h"

#define DOCUMENT_CEILING_BYTES ((size_t)64 << 10)

void credentials_clear(struct credentials *credentials) {
    free(credentials->access_key_id);
    secret_free(credentials->secret_key);
    secret_free(credentials->session_token);
    *credentials = (struct credentials){ 0 };
}

enum source_answer source_broken(struct error *err, const char *where, const char *message,
                                 const char *hint) {
    error_set(err, ERROR_CREDENTIALS, "%s: %s", where, message);
    if (hint)
        error_hint(err, "%s", hint);
    return SOURCE_BROKEN;
}

static bool is_printable(const char *string) {
    for (; string && *string; string++)
        if (!isgraph((unsigned char)*string))
            return false;
    return true;
}

enum source_answer source_pair(const char *where, const char *id, const char *secret,
                               const char *token, struct credentials *out, struct error *err) {
    if (!id)
        return SOURCE_EMPTY;
    if (!secret) {
        error_set(err, ERROR_CREDENTIALS,
                  "%s sets only one of two values: the secret access key is missing", where);
        return SOURCE_BROKEN;
    }
    if (!is_printable(id) || !is_printable(secret) || !is_printable(token)) {
        error_set(err, ERROR_CREDENTIALS, "%s has spaces or invalid bytes inside a key", where);
        error_hint(err, "copy the keys again, each on one line");
        return SOURCE_BROKEN;
    }
    credentials_clear(out);
    out->access_key_id = xstrdup(id);
    out->secret_key = secret_new(secret, strlen(secret));
    out->session_token = token ? secret_new(token, strlen(token)) : NULL;
    return SOURCE_FOUND;
}

enum source_answer source_static_keys(const struct profile_section *section, const char *path,
                                      struct credentials *out, struct error *err) {
    if (!section)
        return SOURCE_EMPTY;
    AUTO(string_free) char *where = xasprintf("section '[%s]' of '%s'", section->name, path);
    const char *token = profile_value(section, "aws_security_token");
    return source_pair(where, profile_value(section, "aws_access_key_id"),
                       profile_value(section, "aws_secret_access_key"),
                       token ? token : profile_value(section, "aws_session_token"), out, err);
}

enum source_answer source_document(const char *where, const struct json *document,
                                   const char *token_key, struct credentials *out,
                                   struct error *err) {
    const char *expiration = json_find_string(document, "Expiration");
    int64_t expires_at_ms = 0;
    if (!json_find_string(document, "AccessKeyId"))
        return source_broken(err, where, "the answer contains no AccessKeyId", NULL);
    if (expiration && !clock_parse(expiration, &expires_at_ms))
        return source_broken(err, where, "the Expiration is not an ISO 8601 time with a zone",
                             NULL);
    enum source_answer answer = source_pair(where, json_find_string(document, "AccessKeyId"),
                                            json_find_string(document, "SecretAccessKey"),
                                            json_find_string(document, token_key), out, err);
    if (answer == SOURCE_FOUND)
        out->expires_at_ms = expires_at_ms;
    return answer;
}

bool source_ask(const struct credential_lookup *lookup, const struct source_request *request,
                struct http_answer *out, struct error *err) {
    struct http_request one = {
        .url = request->url,
        .method = request->method,
        .body = request->body,
        .body_length = request->body ? strlen(request->body) : 0,
        .without_proxy = !request->through_proxy,
        .timeout_ms = request->timeout_ms,
        .deadline_mono_ms = lookup->deadline_mono_ms,
    };
    if (request->header)
        strings_add(&one.headers, request->header);
    bool answered = false;
    for (int i = 0; i < request->attempts && (!answered || out->status >= 500); i++) {
        error_clear(err);
        answered = http_send(lookup->http, &one, out, err);
    }
    strings_clear(&one.headers);
    if (!answered) {
        if (err->code == ERROR_LOST_ANSWER)
            err->code = ERROR_UNREACHABLE;
        return error_wrap(err, "%s", request->where);
    }
    return true;
}

bool source_json(const char *where, struct http_answer *answer, struct json **out,
                 struct error *err) {
    bool parsed = false;
    if (answer->status != 200)
        error_set(err, ERROR_CREDENTIALS, "%s: HTTP %ld", where, answer->status);
    else if (answer->body.length > DOCUMENT_CEILING_BYTES)
        error_set(err, ERROR_LIMIT, "%s: the answer is too long", where);
    else if (!json_parse(text_string(&answer->body), answer->body.length, "the answer", out, err))
        error_wrap(err, "%s", where);
    else
        parsed = true;
    if (answer->body.bytes)
        secret_wipe(answer->body.bytes, answer->body.capacity);
    return parsed;
}
