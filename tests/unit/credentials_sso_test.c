/* The logins of IAM Identity Center: read from the cache of the aws command line, and renewed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "schemas/base/clock.h"
#include "schemas/base/files.h"
#include "schemas/base/memory.h"
#include "schemas/json/json.h"
#include "tests/support/aws.h"
#include "tests/support/keys.h"
#include "tests/support/responder.h"

#define CORP_FILE "ee0bfd2552fbd840c02cc48b6e823320543c450f.json"
#define SESSION                                                                                    \
    "[default]\nsso_session=corp\nsso_account_id=123\nsso_role_name=a+b\n"                         \
    "[sso-session corp]\nsso_region=eu-west-1\nsso_start_url=https://x/start\n"
#define ROLE_KEYS                                                                                  \
    "{\"roleCredentials\":{\"accessKeyId\":\"SSO\",\"secretAccessKey\":\"secretSSO\","             \
    "\"sessionToken\":\"tokenSSO\",\"expiration\":4070908800000}}"
/* A login that has ended, of a registration that has not. */
#define ENDED(registered_until)                                                                    \
    "{\"startUrl\":\"https://x/start\",\"region\":\"eu-west-1\",\"accessToken\":\"old\","          \
    "\"expiresAt\":\"2020-06-17T10:02:08Z\",\"clientId\":\"id\",\"clientSecret\":\"canary\","      \
    "\"refreshToken\":\"first\",\"registrationExpiresAt\":\"" registered_until "\"}"

/* sha1("corp") names the file. */
static void cache_login(const char *content) {
    AUTO(error_clear) struct error err = { 0 };
    AUTO(string_free) char *cache = path_join(keys_folder, ".aws/sso/cache");
    AUTO(string_free) char *file = path_join(cache, CORP_FILE);
    assert_true(folder_make(cache, 0700, &err));
    keys_put(file, content);
}

static void a_login_of_sso_gives_the_keys_of_its_role(void **state) {
    (void)state;
    static const struct response script[] = {
        { .body = ROLE_KEYS },
        { .body = IDENTITY },
        { .status = 401, .body = "{}" },
    };
    AUTO(responder_close) struct responder *server = responder_open(script, COUNT(script));
    keys_place(SESSION, server);
    keys_refused(NULL, "SSO of profile 'default'", "run 'aws sso login --profile default'");
    cache_login("{\"accessToken\":\"t\",\"expiresAt\":\"2020-06-17T10:02:08UTC\"}");
    keys_refused(NULL, "the login has expired", "aws sso login");
    cache_login("{\"accessToken\":\"canary\",\"expiresAt\":\"" IN_2099 "\"}");
    AUTO(elasticache_close) struct elasticache *service = aws_open(NULL);
    keys_ask(service);
    const char *asked = responder_request(server, 0);
    assert_int_equal(
        strncmp(asked, "GET /federation/credentials?role_name=a%2Bb&account_id=123 HTTP", 63), 0);
    assert_non_null(strstr(asked, "x-amz-sso_bearer_token: canary\r\n"));
    keys_signed(server, 1, "SSO");
    keys_refused(NULL, "the login is no longer accepted", "aws sso login");
}

static char *cached(void) {
    AUTO(error_clear) struct error err = { 0 };
    AUTO(text_clear) struct text text = { 0 };
    AUTO(string_free) char *file = path_join(keys_folder, ".aws/sso/cache/" CORP_FILE);
    struct stat about;
    assert_int_equal(stat(file, &about), 0);
    assert_int_equal(about.st_mode & 0777, 0600);
    assert_true(file_read(file, 65536, &text, &err));
    return text_take(&text);
}

static void a_login_that_has_ended_is_renewed_and_written_back(void **state) {
    (void)state;
    static const struct response script[] = {
        { .body = "{\"accessToken\":\"new\",\"expiresIn\":28800,\"refreshToken\":\"second\","
                  "\"tokenType\":\"Bearer\"}" },
        { .body = ROLE_KEYS },
        { .body = IDENTITY },
        { .body = ROLE_KEYS },
    };
    AUTO(responder_close) struct responder *server = responder_open(script, COUNT(script));
    keys_place(SESSION, server);
    cache_login(ENDED(IN_2099));
    int64_t before_ms = clock_wall_ms();
    AUTO(elasticache_close) struct elasticache *service = aws_open(NULL);
    keys_ask(service);
    const char *asked = responder_request(server, 0);
    assert_int_equal(strncmp(asked, "POST /token HTTP", 16), 0);
    assert_non_null(strstr(asked, "\r\nContent-Type: application/json\r\n"));
    assert_null(strstr(asked, "Authorization:"));
    assert_string_equal(responder_body(server, 0),
                        "{\"clientId\":\"id\",\"clientSecret\":\"canary\","
                        "\"grantType\":\"refresh_token\",\"refreshToken\":\"first\"}");
    assert_non_null(strstr(responder_request(server, 1), "x-amz-sso_bearer_token: new\r\n"));
    AUTO(error_clear) struct error err = { 0 };
    AUTO(string_free) char *text = cached();
    AUTO(json_free) struct json *document = NULL;
    assert_true(json_parse(text, strlen(text), "cache", &document, &err));
    static const char *const kept[][2] = { { "accessToken", "new" },
                                           { "refreshToken", "second" },
                                           { "clientSecret", "canary" },
                                           { "startUrl", "https://x/start" },
                                           { "registrationExpiresAt", IN_2099 } };
    for (size_t i = 0; i < COUNT(kept); i++)
        assert_string_equal(json_find_string(document, kept[i][0]), kept[i][1]);
    int64_t end_ms = 0;
    assert_true(clock_parse(json_find_string(document, "expiresAt"), &end_ms));
    assert_true(end_ms >= before_ms + 28799000 && end_ms <= clock_wall_ms() + 28800000);
    /* The next one finds it fresh. */
    AUTO(elasticache_close) struct elasticache *other = aws_open(NULL);
    assert_non_null(other);
    assert_non_null(strstr(responder_request(server, 3), "x-amz-sso_bearer_token: new\r\n"));
}

static void a_login_that_cannot_be_renewed_asks_for_a_person(void **state) {
    (void)state;
    static const struct response script[] = { { .status = 400,
                                                .body = "{\"error\":\"invalid_grant\"}" } };
    AUTO(responder_close) struct responder *server = responder_open(script, COUNT(script));
    keys_place(SESSION, server);
    cache_login(ENDED("2020-06-17T10:02:08Z"));
    keys_refused(NULL, "SSO of profile 'default': the login has expired", "aws sso login");
    assert_int_equal(responder_requests(server), 0);
    cache_login(ENDED(IN_2099));
    keys_refused(NULL,
                 "the login has expired and cannot be renewed: SSO of profile 'default': HTTP "
                 "400",
                 "run 'aws sso login --profile default'");
    AUTO(string_free) char *text = cached();
    assert_non_null(strstr(text, "\"old\""));
}

static void a_login_near_its_end_is_still_good_when_nobody_renews_it(void **state) {
    (void)state;
    static const struct response script[] = {
        { .status = 400, .body = "{}" },
        { .body = ROLE_KEYS },
    };
    AUTO(responder_close) struct responder *server = responder_open(script, COUNT(script));
    char soon[CLOCK_TEXT_BYTES];
    clock_format_seconds(clock_wall_ms() + 600000, soon);
    AUTO(string_free)
    char *login = xasprintf("{\"accessToken\":\"old\",\"expiresAt\":\"%s\",\"clientId\":\"i\","
                            "\"clientSecret\":\"s\",\"refreshToken\":\"r\","
                            "\"registrationExpiresAt\":\"" IN_2099 "\"}",
                            soon);
    keys_place(SESSION, server);
    cache_login(login);
    AUTO(elasticache_close) struct elasticache *service = aws_open(NULL);
    assert_non_null(service);
    assert_non_null(strstr(responder_request(server, 1), "x-amz-sso_bearer_token: old\r\n"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_login_of_sso_gives_the_keys_of_its_role),
        cmocka_unit_test(a_login_that_has_ended_is_renewed_and_written_back),
        cmocka_unit_test(a_login_that_cannot_be_renewed_asks_for_a_person),
        cmocka_unit_test(a_login_near_its_end_is_still_good_when_nobody_renews_it),
    };
    return cmocka_run_group_tests(tests, keys_make_folder, keys_remove_folder);
}
