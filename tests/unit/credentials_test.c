/* Where credentials come from, each place by a stand-in of the real one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "providers/elasticache/credentials/words.h"
#include "schemas/base/clock.h"
#include "schemas/base/files.h"
#include "schemas/base/memory.h"
#include "tests/support/aws.h"
#include "tests/support/keys.h"
#include "tests/support/responder.h"

static void a_role_is_assumed_through_a_chain_of_profiles(void **state) {
    (void)state;
    static const struct response script[] = {
        { .body = AWS_ANSWER("AssumeRole", STS_KEYS("MIDDLE")) },
        { .body = AWS_ANSWER("AssumeRole", STS_KEYS("LAST")) },
        { .body = IDENTITY },
    };
    AUTO(responder_close) struct responder *server = responder_open(script, COUNT(script));
    keys_place(
        "[default]\nrole_arn=arn:aws:iam::1:role/last\nsource_profile=middle\nexternal_id=e/1\n"
        "role_session_name=me\nduration_seconds=900\n"
        "[profile middle]\nrole_arn=arn:aws:iam::1:role/middle\nsource_profile=base\n"
        "[profile base]\naws_access_key_id=BASE\naws_secret_access_key=secretBASE\n",
        server);
    AUTO(elasticache_close) struct elasticache *service = aws_open(NULL);
    keys_ask(service);
    keys_signed(server, 0, "BASE");
    assert_non_null(strstr(responder_body(server, 0), "RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole%2F"
                                                      "middle&RoleSessionName=ecmig-"));
    keys_signed(server, 1, "MIDDLE");
    assert_string_equal(responder_body(server, 1),
                        "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A1%3A"
                        "role%2Flast&RoleSessionName=me&ExternalId=e%2F1&DurationSeconds=900");
    keys_signed(server, 2, "LAST");
    assert_non_null(strstr(responder_request(server, 2), "X-Amz-Security-Token: tokenLAST"));
}

static void a_profile_with_keys_may_be_its_own_source(void **state) {
    (void)state;
    static const struct response script[] = {
        { .body = AWS_ANSWER("AssumeRole", STS_KEYS("ROLE")) },
        { .body = IDENTITY },
    };
    AUTO(responder_close) struct responder *server = responder_open(script, COUNT(script));
    keys_place("[default]\nrole_arn=r\nsource_profile=default\naws_access_key_id=OWN\n"
               "aws_secret_access_key=secretOWN\n",
               server);
    AUTO(elasticache_close) struct elasticache *service = aws_open(NULL);
    keys_ask(service);
    keys_signed(server, 0, "OWN");
    keys_signed(server, 1, "ROLE");
}

static void a_role_takes_its_keys_from_the_environment_when_it_says_so(void **state) {
    (void)state;
    static const struct response script[] = {
        { .body = AWS_ANSWER("AssumeRole", STS_KEYS("ROLE")) },
        { .body = IDENTITY },
    };
    AUTO(responder_close) struct responder *server = responder_open(script, COUNT(script));
    keys_place("[profile a]\nrole_arn=r\ncredential_source=Environment\n", server);
    setenv("AWS_ACCESS_KEY_ID", "ENV", 1);
    setenv("AWS_SECRET_ACCESS_KEY", "secretENV", 1);
    AUTO(error_clear) struct error err = { 0 };
    AUTO(elasticache_close) struct elasticache *service = NULL;
    const struct elasticache_options options = { .profile = "a" };
    assert_true(elasticache_open(&options, &service, &err));
    keys_ask(service);
    keys_signed(server, 0, "ENV");
    keys_signed(server, 1, "ROLE");
}

static void a_role_that_cannot_be_assumed_says_why(void **state) {
    (void)state;
    static const struct response script[] = {
        { .status = 403, .body = AWS_REFUSAL("AccessDenied", "not you") },
    };
    AUTO(responder_close) struct responder *server = responder_open(script, COUNT(script));
    keys_place(
        "[profile a]\nrole_arn=r\nsource_profile=b\n"
        "[profile b]\nrole_arn=r\nsource_profile=c\n[profile c]\nrole_arn=r\nsource_profile=a\n"
        "[profile both]\nrole_arn=r\nsource_profile=a\ncredential_source=Environment\n"
        "[profile none]\nrole_arn=r\n[profile lost]\nrole_arn=r\nsource_profile=gone\n"
        "[profile mfa]\nrole_arn=r\nsource_profile=a\nmfa_serial=m\n"
        "[profile odd]\nrole_arn=r\ncredential_source=Moon\n"
        "[profile empty]\nrole_arn=r\nsource_profile=nothing\n[profile nothing]\nregion=x\n",
        server);
    keys_refused("a", "the source_profile entries of 'a', 'b', 'c' form a loop", "source_profile");
    keys_refused("both", "role 'r' of profile 'both': source_profile or credential_source", NULL);
    keys_refused("none", "source_profile or credential_source", NULL);
    keys_refused("lost", "its source_profile is in neither file", NULL);
    keys_refused("mfa", "mfa_serial", "AWS_SESSION_TOKEN");
    keys_refused("odd", "credential_source is not", NULL);
    keys_refused("empty", "the source_profile 'nothing' has no credentials", NULL);
    assert_int_equal(responder_requests(server), 0);
    keys_put_config("[default]\nrole_arn=r\nsource_profile=default\naws_access_key_id=A\n"
                    "aws_secret_access_key=s\n");
    AUTO(error_clear) struct error err = { 0 };
    AUTO(elasticache_close) struct elasticache *service = NULL;
    const struct elasticache_options options = { 0 };
    assert_false(elasticache_open(&options, &service, &err));
    assert_int_equal(err.code, ERROR_ACCESS_DENIED);
    assert_non_null(strstr(err.message, "role 'r' of profile 'default': AssumeRole was refused"));
    assert_non_null(strstr(err.hint, "sts:AssumeRole"));
}

static void sts_is_asked_as_often_as_the_settings_say(void **state) {
    (void)state;
    static const struct response script[] = { { .status = 503, .body = "" } };
    AUTO(responder_close) struct responder *server = responder_open(script, COUNT(script));
    keys_place("[default]\nrole_arn=r\nsource_profile=default\naws_access_key_id=A\n"
               "aws_secret_access_key=s\nmax_attempts=2\n",
               server);
    AUTO(error_clear) struct error err = { 0 };
    AUTO(elasticache_close) struct elasticache *service = NULL;
    const struct elasticache_options options = { 0 };
    assert_false(elasticache_open(&options, &service, &err));
    assert_int_equal(responder_requests(server), 2);
}

static void a_web_identity_token_is_exchanged_without_a_signature(void **state) {
    (void)state;
    static const struct response script[] = {
        { .body = AWS_ANSWER("AssumeRoleWithWebIdentity", STS_KEYS("WEB")) },
        { .body = IDENTITY },
    };
    AUTO(responder_close) struct responder *server = responder_open(script, COUNT(script));
    AUTO(string_free) char *token = path_join(keys_folder, "token");
    keys_place("", server);
    keys_put(token, "eyJ.a.b\n");
    setenv("AWS_WEB_IDENTITY_TOKEN_FILE", token, 1);
    keys_refused(NULL, "no role is configured for it", "AWS_ROLE_ARN");
    setenv("AWS_ROLE_ARN", "r", 1);
    setenv("AWS_ROLE_SESSION_NAME", "pod", 1);
    AUTO(elasticache_close) struct elasticache *service = aws_open(NULL);
    unsetenv("AWS_ROLE_SESSION_NAME");
    keys_ask(service);
    assert_null(strstr(responder_request(server, 0), "Authorization:"));
    assert_string_equal(responder_body(server, 0),
                        "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=r&"
                        "RoleSessionName=pod&WebIdentityToken=eyJ.a.b");
    keys_signed(server, 1, "WEB");
    setenv("AWS_WEB_IDENTITY_TOKEN_FILE", "/nonexistent/token", 1);
    keys_refused(NULL, "web identity token: ", NULL);
}

static void a_process_prints_the_keys(void **state) {
    (void)state;
    static const struct response script[] = { { .body = IDENTITY } };
    AUTO(responder_close) struct responder *server = responder_open(script, COUNT(script));
    AUTO(string_free) char *program = path_join(keys_folder, "give keys");
    AUTO(string_free)
    char *config = xasprintf("[default]\ncredential_process='%s' \"a b\"\n", program);
    keys_place(config, server);
    keys_refused(NULL, "credential_process of profile 'default'", NULL);
    keys_put(program, "#!/bin/sh\n[ \"$1\" = 'a b' ] || exit 9\n"
                      "echo '" DOCUMENT("PROC", "SessionToken", ",\"Version\":1") "'\n");
    assert_int_equal(chmod(program, 0700), 0);
    AUTO(elasticache_close) struct elasticache *service = aws_open(NULL);
    keys_ask(service);
    keys_signed(server, 0, "PROC");
    keys_put(program, "#!/bin/sh\nexit 3\n");
    assert_int_equal(chmod(program, 0700), 0);
    keys_refused(NULL, "ended with status 3", NULL);
    keys_put(program, "#!/bin/sh\necho '{\"Version\":2}'\n");
    assert_int_equal(chmod(program, 0700), 0);
    keys_refused(NULL, "does not have Version 1", NULL);
}

static void command_lines_are_split_as_the_aws_tools_do(void **state) {
    (void)state;
    AUTO(strings_clear) struct strings words = { 0 };
    assert_true(words_split("  a\\ b 'c \"d' \"e \\\" \\x\" ''f  ", &words));
    AUTO(string_free) char *joined = strings_join(&words, "|");
    assert_string_equal(joined, "a b|c \"d|e \" \\x|f");
    assert_false(words_split("a 'b", &words));
    assert_true(words_split("", &words));
    assert_int_equal(words.count, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_role_is_assumed_through_a_chain_of_profiles),
        cmocka_unit_test(a_profile_with_keys_may_be_its_own_source),
        cmocka_unit_test(a_role_takes_its_keys_from_the_environment_when_it_says_so),
        cmocka_unit_test(a_role_that_cannot_be_assumed_says_why),
        cmocka_unit_test(sts_is_asked_as_often_as_the_settings_say),
        cmocka_unit_test(a_web_identity_token_is_exchanged_without_a_signature),
        cmocka_unit_test(a_process_prints_the_keys),
        cmocka_unit_test(command_lines_are_split_as_the_aws_tools_do),
    };
    return cmocka_run_group_tests(tests, keys_make_folder, keys_remove_folder);
}
