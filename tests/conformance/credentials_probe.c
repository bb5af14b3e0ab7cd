/* What ecmig makes of the environment and the files that conformance/credentials set up: one line
 * of JSON. The keys are those of the test. credentials_probe [PROFILE] */
#include <stdio.h>

#include "providers/elasticache/service.h"
#include "schemas/base/memory.h"
#include "schemas/json/json.h"

static void put_secret(struct json *object, const char *key, const struct secret *secret) {
    if (secret)
        json_put_string(object, key, secret_bytes(secret));
}

int main(int count, char **words) {
    const struct elasticache_options options = { .profile = count > 1 ? words[1] : NULL };
    AUTO(elasticache_close) struct elasticache *service = NULL;
    AUTO(error_clear) struct error err = { 0 };
    AUTO(json_free) struct json *said = json_new_object();
    if (elasticache_open(&options, &service, &err)) {
        const struct endpoint *sts = &service->endpoints[SERVICE_STS];
        json_put_string(said, "id", service->credentials.access_key_id);
        put_secret(said, "secret", service->credentials.secret_key);
        put_secret(said, "token", service->credentials.session_token);
        json_put_int(said, "expires_at_ms", service->credentials.expires_at_ms);
        json_put_string(said, "region", service->region);
        json_put_string(said, "elasticache", service->endpoints[SERVICE_ELASTICACHE].url);
        json_put_string(said, "sts", sts->url);
        if (sts->signing_region)
            json_put_string(said, "sts_region", sts->signing_region);
    } else {
        json_put_string(said, "error", err.message);
    }
    AUTO(string_free) char *text = json_write(said, JSON_CANONICAL);
    puts(text);
    return 0;
}
