#include <string.h>

#include "providers/elasticache/credentials/sso_token.h"
#include "providers/elasticache/query.h"
#include "schemas/base/memory.h"

#define TIMEOUT_MS 10000

static const char *value(const struct settings *settings, const struct profile_section *session,
                         const char *key) {
    const char *found = session ? profile_value(session, key) : NULL;
    return found ? found : settings_key(settings, key);
}

static enum source_answer configured(const struct settings *settings, const char *where,
                                     struct sso *out, struct error *err) {
    /* Without an account and a role a start URL is a leftover, or for the bearer tokens of other
     * services: the AWS tools look for keys elsewhere. */
    if (!settings_key(settings, "sso_account_id") && !settings_key(settings, "sso_role_name"))
        return SOURCE_EMPTY;
    const char *name = settings_key(settings, "sso_session");
    const struct profile_section *session = NULL;
    if (name) {
        AUTO(string_free) char *section = xasprintf("sso-session %s", name);
        session = profile_find(&settings->config, section);
        if (!session)
            return source_broken(err, where, "its sso_session has no section in the config file",
                                 "run 'aws configure sso'");
    }
    const char *start_url = value(settings, session, "sso_start_url");
    *out = (struct sso){ name ? name : start_url, value(settings, session, "sso_region"),
                         value(settings, session, "sso_account_id"),
                         value(settings, session, "sso_role_name"), name != NULL };
    if (!start_url || !out->region || !out->account || !out->role)
        return source_broken(
            err, where, "sso_start_url, sso_region, sso_account_id and sso_role_name are required",
            "run 'aws configure sso'");
    for (size_t i = 0; session && i < session->count; i++) {
        const struct profile_key *key = &session->items[i];
        const char *own = settings_key(settings, key->name);
        if (own && strcmp(own, key->value) != 0) {
            AUTO(string_free)
            char *message =
                xasprintf("'%s' is not the same in the profile and in its sso_session", key->name);
            return source_broken(err, where, message, "remove it from the profile");
        }
    }
    return SOURCE_FOUND;
}

static bool find_url(const struct settings *settings, const struct sso *sso, char **out,
                     struct error *err) {
    AUTO(endpoint_clear) struct endpoint endpoint = { 0 };
    if (!sso_endpoint(settings, "sso", "portal.sso", sso->region, &endpoint, err))
        return false;
    AUTO(query_clear) struct query query = { 0 };
    query_add(&query, "role_name", sso->role);
    query_add(&query, "account_id", sso->account);
    *out = xasprintf("%s%sfederation/credentials?%s", endpoint.url,
                     endpoint.url[strlen(endpoint.url) - 1] == '/' ? "" : "/",
                     text_string(&query.body) + 1);
    return true;
}

static enum source_answer take(const char *where, const struct json *document,
                               struct credentials *out, struct error *err) {
    const struct json *role = json_find(document, "roleCredentials");
    const char *id = json_find_string(role, "accessKeyId");
    if (!id)
        return source_broken(err, where, "the answer contains no credentials", NULL);
    enum source_answer answer = source_pair(where, id, json_find_string(role, "secretAccessKey"),
                                            json_find_string(role, "sessionToken"), out, err);
    if (answer == SOURCE_FOUND)
        out->expires_at_ms = json_find_int(role, "expiration", 0);
    return answer;
}

static enum source_answer look(const struct credential_lookup *lookup, struct credentials *out,
                               struct error *err) {
    const struct settings *settings = lookup->settings;
    AUTO(string_free) char *where = xasprintf("SSO of profile '%s'", settings->profile);
    AUTO(string_free)
    char *login = xasprintf("run 'aws sso login --profile %s'", settings->profile);
    AUTO(secret_free) struct secret *token = NULL;
    AUTO(string_free) char *url = NULL;
    AUTO(http_answer_clear) struct http_answer answer = { 0 };
    AUTO(json_free) struct json *document = NULL;
    struct sso sso = { 0 };
    enum source_answer found = configured(settings, where, &sso, err);
    if (found == SOURCE_FOUND)
        found = sso_token(lookup, where, &sso, login, &token, err);
    if (found != SOURCE_FOUND)
        return found;
    if (!find_url(settings, &sso, &url, err))
        return SOURCE_BROKEN;
    AUTO(string_free) char *header = xasprintf("x-amz-sso_bearer_token: %s", secret_bytes(token));
    const struct source_request request = { .where = where,
                                            .method = "GET",
                                            .url = url,
                                            .header = header,
                                            .through_proxy = true,
                                            .timeout_ms = TIMEOUT_MS,
                                            .attempts = 3 };
    bool answered = source_ask(lookup, &request, &answer, err);
    secret_wipe(header, strlen(header));
    if (!answered)
        return SOURCE_BROKEN;
    if (answer.status == 401)
        return source_broken(err, where, "the login is no longer accepted", login);
    if (answer.status == 403)
        return source_broken(err, where, "the login may not use this role in this account",
                             "check sso_account_id and sso_role_name");
    if (!source_json(where, &answer, &document, err))
        return SOURCE_BROKEN;
    return take(where, document, out, err);
}

const struct credential_source credential_source_sso = { look };
