#include <string.h>

#include "providers/elasticache/credentials/source.h"
#include "schemas/base/files.h"
#include "schemas/base/memory.h"

#define RELATIVE_HOST "http://169.254.170.2"
#define TOKEN_CEILING_BYTES ((size_t)64 << 10)
#define TIMEOUT_MS 2000
#define ATTEMPTS 3
#define WHERE "container credentials"

/* Keys and a token go there: in plain text only to this machine and the two well-known addresses.
 */
static bool may_be_asked(const char *url) {
    static const char *const hosts[] = { "169.254.170.2", "169.254.170.23", "[fd00:ec2::23]" };
    if (strncmp(url, "https://", 8) == 0)
        return true;
    if (strncmp(url, "http://", 7) != 0)
        return false;
    size_t length = url[7] == '[' ? strcspn(url + 7, "]") + 1 : strcspn(url + 7, ":/?");
    if (strchr(url, '@'))
        return false;
    if (host_is_loopback(url + 7))
        return true;
    for (size_t i = 0; i < COUNT(hosts); i++)
        if (strlen(hosts[i]) == length && strncmp(url + 7, hosts[i], length) == 0)
            return true;
    return false;
}

/* *out stays NULL when no token is configured. */
static bool find_token(struct secret **out, struct error *err) {
    const char *file = settings_environment("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
    const char *value = settings_environment("AWS_CONTAINER_AUTHORIZATION_TOKEN");
    AUTO(text_clear) struct text text = { 0 };
    if (file && !file_read(file, TOKEN_CEILING_BYTES, &text, err)) {
        err->code = ERROR_CREDENTIALS;
        return error_wrap(err, WHERE);
    }
    const char *token = file ? text_string(&text) : value;
    bool clean = !token || !strpbrk(token, "\r\n");
    if (token && clean)
        *out = secret_new(token, strlen(token));
    if (text.bytes)
        secret_wipe(text.bytes, text.capacity);
    return clean || error_set(err, ERROR_CREDENTIALS,
                              WHERE ": the authorization token contains a line break");
}

static enum source_answer look(const struct credential_lookup *lookup, struct credentials *out,
                               struct error *err) {
    const char *relative = settings_environment("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
    const char *full = settings_environment("AWS_CONTAINER_CREDENTIALS_FULL_URI");
    if (lookup->through || (!relative && !full))
        return SOURCE_EMPTY;
    AUTO(string_free)
    char *url = relative ? xasprintf(RELATIVE_HOST "%s", relative) : xstrdup(full);
    AUTO(secret_free) struct secret *token = NULL;
    if ((relative && *relative != '/') || !may_be_asked(url))
        return source_broken(err, WHERE, "the address is neither https nor on this machine",
                             "check AWS_CONTAINER_CREDENTIALS_FULL_URI");
    if (!find_token(&token, err))
        return SOURCE_BROKEN;
    AUTO(string_free)
    char *header = token ? xasprintf("Authorization: %s", secret_bytes(token)) : NULL;
    const struct source_request request = { .where = WHERE,
                                            .method = "GET",
                                            .url = url,
                                            .header = header,
                                            .timeout_ms = TIMEOUT_MS,
                                            .attempts = ATTEMPTS };
    AUTO(http_answer_clear) struct http_answer answer = { 0 };
    AUTO(json_free) struct json *document = NULL;
    bool answered = source_ask(lookup, &request, &answer, err);
    if (header)
        secret_wipe(header, strlen(header));
    if (!answered || !source_json(WHERE, &answer, &document, err)) {
        error_hint(err, "check the role of the task or pod");
        return SOURCE_BROKEN;
    }
    return source_document(WHERE, document, "Token", out, err);
}

const struct credential_source credential_source_container = { look };
