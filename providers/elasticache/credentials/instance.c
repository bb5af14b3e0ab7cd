#include <stdlib.h>
#include <string.h>

#include "providers/elasticache/credentials/source.h"
#include "schemas/base/memory.h"

#define HOST "http://169.254.169.254"
#define HOST_IPV6 "http://[fd00:ec2::254]"
#define ROLES "/latest/meta-data/iam/security-credentials/"
#define WHERE "instance metadata"
#define TOKEN_LIFE_HEADER "x-aws-ec2-metadata-token-ttl-seconds: 21600"

struct metadata {
    const struct credential_lookup *lookup;
    char *base;   /* without a slash at its end */
    char *header; /* with the token; NULL: version 1 */
    int64_t timeout_ms;
    int attempts;
};

static void metadata_clear(struct metadata *metadata) {
    free(metadata->base);
    if (metadata->header)
        secret_wipe(metadata->header, strlen(metadata->header));
    free(metadata->header);
}
AUTO_VALUE(struct metadata, metadata_clear)

static long number(const struct settings *settings, const char *variable, const char *key,
                   long fallback, long maximum) {
    const char *value = settings_value(settings, variable, key);
    long given = value ? strtol(value, NULL, 10) : fallback;
    return given >= 1 && given <= maximum ? given : fallback;
}

static char *base(const struct settings *settings) {
    const char *url = settings_value(settings, "AWS_EC2_METADATA_SERVICE_ENDPOINT",
                                     "ec2_metadata_service_endpoint");
    const char *mode = settings_value(settings, "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE",
                                      "ec2_metadata_service_endpoint_mode");
    if (!url)
        url = mode && strcasecmp(mode, "ipv6") == 0 ? HOST_IPV6 : HOST;
    size_t length = strlen(url);
    return xstrndup(url, length && url[length - 1] == '/' ? length - 1 : length);
}

static void set_up(const struct credential_lookup *lookup, struct metadata *out) {
    *out = (struct metadata){
        .lookup = lookup,
        .base = base(lookup->settings),
        .timeout_ms = 1000 * number(lookup->settings, "AWS_METADATA_SERVICE_TIMEOUT",
                                    "metadata_service_timeout", 1, 60),
        .attempts = (int)number(lookup->settings, "AWS_METADATA_SERVICE_NUM_ATTEMPTS",
                                "metadata_service_num_attempts", 1, 10),
    };
}

static bool ask(const struct metadata *metadata, const char *method, const char *path,
                const char *header, struct http_answer *out, struct error *err) {
    AUTO(string_free) char *url = xasprintf("%s%s", metadata->base, path);
    const struct source_request request = { .where = WHERE,
                                            .method = method,
                                            .url = url,
                                            .header = header,
                                            .timeout_ms = metadata->timeout_ms,
                                            .attempts = metadata->attempts };
    return source_ask(metadata->lookup, &request, out, err);
}

/* Nobody there: no instance, and no fault. */
static enum source_answer get_token(struct metadata *metadata, struct error *err) {
    AUTO(http_answer_clear) struct http_answer answer = { 0 };
    AUTO(error_clear) struct error nobody = { 0 };
    if (!ask(metadata, "PUT", "/latest/api/token", TOKEN_LIFE_HEADER, &answer, &nobody))
        return SOURCE_EMPTY;
    bool is_old = answer.status == 403 || answer.status == 404 || answer.status == 405;
    if (is_old && !settings_flag(metadata->lookup->settings, "AWS_EC2_METADATA_V1_DISABLED",
                                 "ec2_metadata_v1_disabled"))
        return SOURCE_FOUND;
    if (answer.status != 200 || strpbrk(text_string(&answer.body), "\r\n")) {
        error_set(err, ERROR_CREDENTIALS, WHERE ": no token, HTTP %ld", answer.status);
        error_hint(err, "set AWS_EC2_METADATA_DISABLED=true if this is not an EC2 instance");
        return SOURCE_BROKEN;
    }
    metadata->header = xasprintf("x-aws-ec2-metadata-token: %s", text_string(&answer.body));
    return SOURCE_FOUND;
}

static enum source_answer get_role(const struct metadata *metadata, char **out, struct error *err) {
    AUTO(http_answer_clear) struct http_answer answer = { 0 };
    if (!ask(metadata, "GET", ROLES, metadata->header, &answer, err))
        return SOURCE_BROKEN;
    size_t length = strcspn(text_string(&answer.body), "\r\n");
    if (answer.status == 404 || (answer.status == 200 && !length))
        return SOURCE_EMPTY;
    if (answer.status != 200) {
        error_set(err, ERROR_CREDENTIALS, WHERE ": the role was refused with HTTP %ld",
                  answer.status);
        return SOURCE_BROKEN;
    }
    *out = xstrndup(text_string(&answer.body), length);
    return SOURCE_FOUND;
}

static enum source_answer get_keys(const struct metadata *metadata, const char *role,
                                   struct credentials *out, struct error *err) {
    AUTO(http_answer_clear) struct http_answer answer = { 0 };
    AUTO(json_free) struct json *document = NULL;
    AUTO(string_free) char *path = xasprintf(ROLES "%s", role);
    if (!ask(metadata, "GET", path, metadata->header, &answer, err) ||
        !source_json(WHERE, &answer, &document, err))
        return SOURCE_BROKEN;
    const char *code = json_find_string(document, "Code");
    if (code && strcmp(code, "Success") != 0)
        return source_broken(err, WHERE, "the role has no keys at the moment",
                             "check the role's trust policy and the instance profile");
    return source_document(WHERE, document, "Token", out, err);
}

bool instance_region(const struct credential_lookup *lookup, char **out) {
    AUTO(metadata_clear) struct metadata metadata = { 0 };
    AUTO(http_answer_clear) struct http_answer answer = { 0 };
    AUTO(error_clear) struct error ignored = { 0 };
    if (settings_flag(lookup->settings, "AWS_EC2_METADATA_DISABLED", NULL))
        return false;
    set_up(lookup, &metadata);
    if (get_token(&metadata, &ignored) != SOURCE_FOUND ||
        !ask(&metadata, "GET", "/latest/meta-data/placement/region", metadata.header, &answer,
             &ignored) ||
        answer.status != 200)
        return false;
    size_t length = strcspn(text_string(&answer.body), "\r\n");
    *out = length ? xstrndup(text_string(&answer.body), length) : NULL;
    return *out != NULL;
}

static enum source_answer look(const struct credential_lookup *lookup, struct credentials *out,
                               struct error *err) {
    if (lookup->through || settings_flag(lookup->settings, "AWS_EC2_METADATA_DISABLED", NULL))
        return SOURCE_EMPTY;
    AUTO(metadata_clear) struct metadata metadata = { 0 };
    set_up(lookup, &metadata);
    AUTO(string_free) char *role = NULL;
    enum source_answer answer = get_token(&metadata, err);
    if (answer == SOURCE_FOUND)
        answer = get_role(&metadata, &role, err);
    if (answer == SOURCE_FOUND)
        answer = get_keys(&metadata, role, out, err);
    return answer;
}

const struct credential_source credential_source_instance = { look };
