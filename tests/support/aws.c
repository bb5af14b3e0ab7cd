#include "tests/support/aws.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "schemas/base/clock.h"

int aws_set_environment(void **state) {
    (void)state;
    static const char *const gone[] = {
        "AWS_PROFILE",       "AWS_DEFAULT_PROFILE",  "AWS_DEFAULT_REGION",
        "AWS_ENDPOINT_URL",  "AWS_ENDPOINT_URL_STS", "AWS_ENDPOINT_URL_ELASTICACHE",
        "AWS_CONFIG_FILE",   "AWS_MAX_ATTEMPTS",     "AWS_SHARED_CREDENTIALS_FILE",
        "AWS_SECURITY_TOKEN"
    };
    for (size_t i = 0; i < COUNT(gone); i++)
        unsetenv(gone[i]);
    setenv("HOME", "/nonexistent", 1);
    setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE", 1);
    setenv("AWS_SECRET_ACCESS_KEY", AWS_CANARY_SECRET, 1);
    setenv("AWS_SESSION_TOKEN", AWS_CANARY_TOKEN, 1);
    setenv("AWS_REGION", "us-east-1", 1);
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
