#include "providers/elasticache/credentials/sso_token.h"

#include <stdlib.h>
#include <string.h>

#include "providers/elasticache/expand.h"
#include "schemas/base/clock.h"
#include "schemas/base/digest.h"
#include "schemas/base/files.h"
#include "schemas/base/memory.h"

#define CACHE_CEILING_BYTES ((size_t)64 << 10)
#define TIMEOUT_MS 10000
#define RENEW_MS ((int64_t)15 * 60 * 1000)
#define LIFE_CEILING_S ((int64_t)366 * 24 * 3600)

struct login {
    char *path;
    struct json *document;
    int64_t expires_at_ms;
};

static void login_clear(struct login *login) {
    free(login->path);
    json_free(login->document);
    *login = (struct login){ 0 };
}
AUTO_VALUE(struct login, login_clear)

static bool find_time(const struct json *document, const char *key, int64_t *at_ms) {
    const char *text = json_find_string(document, key);
    return text && clock_parse(text, at_ms);
}

static enum source_answer load(const char *where, const struct sso *sso, const char *hint,
                               struct login *out, struct error *err) {
    char digest[41];
    AUTO(string_free) char *folder = expand_path("~/.aws/sso/cache");
    digest_sha1_hex(sso->name, strlen(sso->name), digest);
    AUTO(login_clear)
    struct login login = { .path = xasprintf("%s/%s.json", folder, digest) };
    AUTO(text_clear) struct text text = { 0 };
    AUTO(error_clear) struct error failure = { 0 };
    bool read = file_read(login.path, CACHE_CEILING_BYTES, &text, &failure) &&
                json_parse(text_string(&text), text.length, login.path, &login.document, &failure);
    if (text.bytes)
        secret_wipe(text.bytes, text.capacity);
    if (!read)
        return source_broken(err, where, failure.message, hint);
    if (!json_find_string(login.document, "accessToken") ||
        !find_time(login.document, "expiresAt", &login.expires_at_ms))
        return source_broken(err, where, "the cached login cannot be read", hint);
    login_clear(out);
    *out = MOVE(login);
    return SOURCE_FOUND;
}

bool sso_endpoint(const struct settings *settings, const char *service, const char *host_label,
                  const char *region, struct endpoint *out, struct error *err) {
    const char *url = NULL;
    return settings_endpoint_url(settings, service, &url, err) &&
           (url ? endpoint_of_url(url, out, err)
                : endpoint_of_region(host_label, region, (struct endpoint_variant){ 0 }, out, err));
}

/* What the service wants to see again, or NULL where the login cannot be renewed. */
static char *renewal_body(const struct login *login) {
    static const char *const keys[] = { "clientId", "clientSecret", "refreshToken" };
    int64_t registered_until_ms = 0;
    if (!find_time(login->document, "registrationExpiresAt", &registered_until_ms) ||
        registered_until_ms <= clock_wall_ms())
        return NULL;
    AUTO(json_free) struct json *body = json_new_object();
    json_put_string(body, "grantType", "refresh_token");
    for (size_t i = 0; i < COUNT(keys); i++) {
        const char *value = json_find_string(login->document, keys[i]);
        if (!value)
            return NULL;
        json_put_string(body, keys[i], value);
    }
    return json_write(body, JSON_CANONICAL);
}

static bool ask(const struct credential_lookup *lookup, const char *where, const struct sso *sso,
                const char *body, struct json **out, struct error *err) {
    AUTO(endpoint_clear) struct endpoint endpoint = { 0 };
    AUTO(http_answer_clear) struct http_answer answer = { 0 };
    if (!sso_endpoint(lookup->settings, "sso_oidc", "oidc", sso->region, &endpoint, err))
        return false;
    AUTO(string_free)
    char *url = xasprintf("%s%stoken", endpoint.url,
                          endpoint.url[strlen(endpoint.url) - 1] == '/' ? "" : "/");
    const struct source_request request = { .where = where,
                                            .url = url,
                                            .header = "Content-Type: application/json",
                                            .body = body,
                                            .through_proxy = true,
                                            .timeout_ms = TIMEOUT_MS,
                                            .attempts = 3 };
    return source_ask(lookup, &request, &answer, err) && source_json(where, &answer, out, err);
}

static void write_back(const struct login *login) {
    AUTO(error_clear) struct error ignored = { 0 };
    AUTO(string_free) char *text = json_write(login->document, JSON_PRETTY);
    (void)!file_write(login->path, text, strlen(text), 0600, &ignored);
    secret_wipe(text, strlen(text));
}

static bool renew(const struct credential_lookup *lookup, const char *where, const struct sso *sso,
                  struct login *login, struct error *err) {
    AUTO(json_free) struct json *given = NULL;
    AUTO(string_free) char *body = sso->renews ? renewal_body(login) : NULL;
    if (!body)
        return error_set(err, ERROR_CREDENTIALS, "%s: the login has expired", where);
    bool answered = ask(lookup, where, sso, body, &given, err);
    secret_wipe(body, strlen(body));
    if (!answered)
        return error_wrap(err, "the login has expired and cannot be renewed");
    const char *token = json_find_string(given, "accessToken");
    int64_t life_s = json_find_int(given, "expiresIn", 0);
    if (!token || life_s <= 0 || life_s > LIFE_CEILING_S)
        return error_set(err, ERROR_CREDENTIALS, "%s: the renewal returned no token", where);
    char end[CLOCK_TEXT_BYTES];
    login->expires_at_ms = clock_wall_ms() + life_s * 1000;
    clock_format_seconds(login->expires_at_ms, end);
    json_put_string(login->document, "accessToken", token);
    json_put_string(login->document, "expiresAt", end);
    if (json_find_string(given, "refreshToken"))
        json_put_string(login->document, "refreshToken", json_find_string(given, "refreshToken"));
    write_back(login);
    return true;
}

enum source_answer sso_token(const struct credential_lookup *lookup, const char *where,
                             const struct sso *sso, const char *login_hint, struct secret **out,
                             struct error *err) {
    AUTO(login_clear) struct login login = { 0 };
    AUTO(error_clear) struct error failure = { 0 };
    enum source_answer found = load(where, sso, login_hint, &login, err);
    if (found != SOURCE_FOUND)
        return found;
    /* After a refusal another tool may have been quicker: a token renews once. */
    if (login.expires_at_ms - clock_wall_ms() < RENEW_MS &&
        !renew(lookup, where, sso, &login, &failure))
        found = load(where, sso, login_hint, &login, err);
    if (found != SOURCE_FOUND)
        return found;
    if (login.expires_at_ms <= clock_wall_ms()) {
        error_move(err, &failure);
        err->code = ERROR_CREDENTIALS;
        error_hint(err, "%s", login_hint);
        return SOURCE_BROKEN;
    }
    const char *token = json_find_string(login.document, "accessToken");
    *out = secret_new(token, strlen(token));
    return SOURCE_FOUND;
}
