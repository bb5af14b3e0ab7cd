#include "tests/support/aws.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "providers/elasticache/sigv4.h"

#include "schemas/base/clock.h"
#include "schemas/base/memory.h"

int aws_set_environment(void **state) {
    (void)state;
    static const char *const gone[] = { "AWS_PROFILE",
                                        "AWS_DEFAULT_PROFILE",
                                        "AWS_DEFAULT_REGION",
                                        "AWS_ENDPOINT_URL",
                                        "AWS_ENDPOINT_URL_STS",
                                        "AWS_ENDPOINT_URL_ELASTICACHE",
                                        "AWS_CONFIG_FILE",
                                        "AWS_CA_BUNDLE",
                                        "AWS_MAX_ATTEMPTS",
                                        "AWS_SHARED_CREDENTIALS_FILE",
                                        "AWS_SECURITY_TOKEN",
                                        "AWS_WEB_IDENTITY_TOKEN_FILE",
                                        "AWS_ROLE_ARN",
                                        "AWS_CREDENTIAL_EXPIRATION",
                                        "AWS_ENDPOINT_URL_SSO",
                                        "AWS_ENDPOINT_URL_SSO_OIDC",
                                        "AWS_CONTAINER_CREDENTIALS_FULL_URI",
                                        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
                                        "AWS_CONTAINER_AUTHORIZATION_TOKEN",
                                        "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
                                        "AWS_EC2_METADATA_SERVICE_ENDPOINT",
                                        "AWS_EC2_METADATA_V1_DISABLED" };
    for (size_t i = 0; i < COUNT(gone); i++)
        unsetenv(gone[i]);
    setenv("HOME", "/nonexistent", 1);
    setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE", 1);
    setenv("AWS_SECRET_ACCESS_KEY", AWS_CANARY_SECRET, 1);
    setenv("AWS_SESSION_TOKEN", AWS_CANARY_TOKEN, 1);
    setenv("AWS_REGION", "us-east-1", 1);
    setenv("AWS_EC2_METADATA_DISABLED", "true", 1);
    setenv("http_proxy", "http://127.77.4.2:9", 1);
    return 0;
}

struct elasticache *aws_open(const char *url) {
    struct elasticache *service = NULL;
    AUTO(error_clear) struct error err = { 0 };
    struct elasticache_options options = { .endpoint_url = url };
    if (!elasticache_open(&options, &service, &err))
        fail_msg("%s", err.message);
    return service;
}

int64_t aws_soon(void) {
    return clock_mono_ms() + 60000;
}

#define HEADER_CEILING 16

/* "name=value" inside the Authorization header, up to a comma, blank or line end. */
static char *field(const char *authorization, const char *name) {
    const char *start = authorization ? strstr(authorization, name) : NULL;
    return start ? xstrndup(start + strlen(name), strcspn(start + strlen(name), ", \r\n")) : NULL;
}

static char *header(const char *request, const char *name) {
    AUTO(string_free) char *start = xasprintf("\r\n%s:", name);
    const char *line = strcasestr(request, start);
    return line ? xstrndup(line + strlen(start), strcspn(line + 2, "\r\n") - strlen(start) + 2)
                : NULL;
}

bool aws_signature_holds(const char *request, const char *body, const char *secret_key) {
    AUTO(string_free) char *authorization = header(request, "Authorization");
    AUTO(string_free) char *names = field(authorization, "SignedHeaders=");
    AUTO(string_free) char *given = field(authorization, "Signature=");
    AUTO(string_free) char *credential = field(authorization, "Credential=");
    AUTO(string_free) char *time = header(request, "X-Amz-Date");
    if (!names || !given || !credential || !time)
        return false;
    struct sigv4_header headers[HEADER_CEILING] = { 0 };
    size_t count = 0;
    char *rest = NULL;
    for (char *name = strtok_r(names, ";", &rest); name && count < HEADER_CEILING;
         name = strtok_r(NULL, ";", &rest))
        headers[count++] = (struct sigv4_header){ name, header(request, name) };
    (void)strtok_r(credential, "/", &rest);
    (void)strtok_r(NULL, "/", &rest);
    const char *region = strtok_r(NULL, "/", &rest), *service = strtok_r(NULL, "/", &rest);
    struct sigv4_request parts = { "POST", "/", "", headers, count, body, strlen(body) };
    struct sigv4_scope scope = { time + strspn(time, " "), region, service };
    AUTO(string_free) char *canonical = sigv4_canonical_request(&parts);
    AUTO(string_free) char *to_sign = sigv4_string_to_sign(&scope, canonical);
    AUTO(secret_free) struct secret *secret = secret_new(secret_key, strlen(secret_key));
    char signature[DIGEST_HEX_BYTES];
    sigv4_signature(secret, &scope, to_sign, signature);
    for (size_t i = 0; i < count; i++)
        free((char *)headers[i].value);
    return strcmp(signature, given) == 0;
}
