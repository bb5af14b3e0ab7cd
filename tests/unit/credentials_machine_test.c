/* Credentials that a machine is given, container or instance, and what happens when they end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "schemas/base/clock.h"
#include "schemas/base/memory.h"
#include "tests/support/aws.h"
#include "tests/support/keys.h"
#include "tests/support/responder.h"

static void a_container_is_asked_with_its_token(void **state) {
    (void)state;
    static const struct response script[] = {
        { .status = 500, .body = "" },
        { .body = DOCUMENT("TASK", "Token", ",\"Expiration\":\"" IN_2099 "\"") },
        { .body = IDENTITY },
        { .status = 404, .body = "" },
    };
    AUTO(responder_close) struct responder *server = responder_open(script, COUNT(script));
    AUTO(string_free) char *url = xasprintf("%s/keys?x=1", responder_url(server));
    keys_place("", server);
    setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", url, 1);
    setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN", "canary", 1);
    AUTO(elasticache_close) struct elasticache *service = aws_open(NULL);
    keys_ask(service);
    assert_int_equal(strncmp(responder_request(server, 1), "GET /keys?x=1 HTTP", 18), 0);
    assert_non_null(strstr(responder_request(server, 1), "Authorization: canary\r\n"));
    keys_signed(server, 2, "TASK");
    keys_refused(NULL, "container credentials: HTTP 404", "role of the task");
    static const char *const bad[] = { "http://10.0.0.1/", "http://127.0.0.1@evil/", "ftp://x/",
                                       "http://127.0.0.1.evil.example/", "http://localhost.evil/" };
    for (size_t i = 0; i < COUNT(bad); i++) {
        setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", bad[i], 1);
        keys_refused(NULL, "neither https nor on this machine", "FULL_URI");
    }
    setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", url, 1);
    setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN", "a\r\nHost: b", 1);
    keys_refused(NULL, "line break", NULL);
}

static void a_containers_token_may_be_in_a_file(void **state) {
    (void)state;
    static const struct response script[] = {
        { .body = DOCUMENT("POD", "Token", ",\"Expiration\":\"" IN_2099 "\"") },
        { .body = IDENTITY },
    };
    char path[] = "/tmp/ecmig-token-XXXXXX";
    int fd = mkstemp(path);
    assert_int_equal(write(fd, "from-file", 9), 9);
    (void)close(fd);
    AUTO(responder_close) struct responder *server = responder_open(script, COUNT(script));
    keys_place("", server);
    setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", responder_url(server), 1);
    setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN", "not this one", 1);
    setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", path, 1);
    AUTO(elasticache_close) struct elasticache *service = aws_open(NULL);
    keys_ask(service);
    assert_non_null(strstr(responder_request(server, 0), "Authorization: from-file\r\n"));
    keys_signed(server, 1, "POD");
    unsetenv("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
    (void)unlink(path);
}

static void the_region_is_that_of_the_instance_when_nothing_names_one(void **state) {
    (void)state;
    static const struct response script[] = {
        { .body = "canary" },
        { .body = "eu-west-3\n" },
    };
    AUTO(responder_close) struct responder *server = responder_open(script, COUNT(script));
    keys_place("[default]\naws_access_key_id = A\naws_secret_access_key = B\n", server);
    unsetenv("AWS_REGION");
    unsetenv("AWS_DEFAULT_REGION");
    unsetenv("AWS_EC2_METADATA_DISABLED");
    setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", responder_url(server), 1);
    AUTO(elasticache_close) struct elasticache *service = aws_open(NULL);
    assert_string_equal(elasticache_region(service), "eu-west-3");
    assert_int_equal(
        strncmp(responder_request(server, 1), "GET /latest/meta-data/placement/region HTTP", 43),
        0);
}

static void an_instance_gives_a_token_then_a_role_then_keys(void **state) {
    (void)state;
    static const struct response script[] = {
        { .body = "canary" },
        { .body = "web-role\n" },
        { .body =
              DOCUMENT("INST", "Token", ",\"Code\":\"Success\",\"Expiration\":\"" IN_2099 "\"") },
        { .body = IDENTITY },
        { .status = 400, .body = "" },
    };
    AUTO(responder_close) struct responder *server = responder_open(script, COUNT(script));
    keys_place("", server);
    unsetenv("AWS_EC2_METADATA_DISABLED");
    setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", responder_url(server), 1);
    AUTO(elasticache_close) struct elasticache *service = aws_open(NULL);
    keys_ask(service);
    assert_int_equal(strncmp(responder_request(server, 0), "PUT /latest/api/token HTTP", 26), 0);
    assert_non_null(
        strstr(responder_request(server, 0), "x-aws-ec2-metadata-token-ttl-seconds: 21600\r\n"));
    assert_int_equal(strncmp(responder_request(server, 2),
                             "GET /latest/meta-data/iam/security-credentials/web-role HTTP", 60),
                     0);
    assert_non_null(strstr(responder_request(server, 2), "x-aws-ec2-metadata-token: canary\r\n"));
    keys_signed(server, 3, "INST");
    keys_refused(NULL, "instance metadata: no token, HTTP 400", "AWS_EC2_METADATA_DISABLED");
    setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://127.77.4.9:9", 1);
    keys_refused(NULL, "no AWS credentials", "give this machine a role");
}

static void an_old_instance_is_asked_without_a_token_unless_forbidden(void **state) {
    (void)state;
    static const struct response script[] = {
        { .status = 404, .body = "" },
        { .body = "role" },
        { .body = DOCUMENT("OLD", "Token", "") },
        { .status = 404, .body = "" },
    };
    AUTO(responder_close) struct responder *server = responder_open(script, COUNT(script));
    keys_place("", server);
    unsetenv("AWS_EC2_METADATA_DISABLED");
    setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", responder_url(server), 1);
    AUTO(elasticache_close) struct elasticache *service = aws_open(NULL);
    assert_non_null(service);
    assert_null(strstr(responder_request(server, 1), "x-aws-ec2-metadata-token"));
    setenv("AWS_EC2_METADATA_V1_DISABLED", "true", 1);
    keys_refused(NULL, "no token, HTTP 404", NULL);
}

static void keys_that_ended_and_cannot_be_replaced_say_so(void **state) {
    (void)state;
    static const struct response keys[] = {
        { .body = DOCUMENT("GONE", "Token", ",\"Expiration\":\"2020-01-01T00:00:00Z\"") },
        { .status = 403, .body = "" },
    };
    AUTO(responder_close) struct responder *container = responder_open(keys, COUNT(keys));
    AUTO(string_free) char *url = xasprintf("%s/", responder_url(container));
    keys_place("", NULL);
    setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", url, 1);
    AUTO(elasticache_close) struct elasticache *service = aws_open("http://127.77.4.9:9");
    AUTO(error_clear) struct error err = { 0 };
    AUTO(service_identity_clear) struct service_identity identity = { 0 };
    assert_false(elasticache_identity(service, aws_soon(), &identity, &err));
    assert_int_equal(err.code, ERROR_CREDENTIALS);
    assert_string_equal(err.message, "GetCallerIdentity: the credentials have expired and cannot "
                                     "be renewed: container credentials: HTTP 403");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_container_is_asked_with_its_token),
        cmocka_unit_test(a_containers_token_may_be_in_a_file),
        cmocka_unit_test(an_instance_gives_a_token_then_a_role_then_keys),
        cmocka_unit_test(the_region_is_that_of_the_instance_when_nothing_names_one),
        cmocka_unit_test(an_old_instance_is_asked_without_a_token_unless_forbidden),
        cmocka_unit_test(keys_that_ended_and_cannot_be_replaced_say_so),
    };
    return cmocka_run_group_tests(tests, keys_make_folder, keys_remove_folder);
}
