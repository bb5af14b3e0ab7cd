/* Keys that end in the middle of a wait: every row of chain.def, all in one wait, each by a
 * stand-in of what hands the keys out. */
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
#include "tests/support/aws.h"
#include "tests/support/keys.h"
#include "tests/support/responder.h"

#define LIFE_MS 2500
#define EXPIRED                                                                                    \
    { .status = 403, .body = AWS_REFUSAL("ExpiredToken", "over") }
#define STEPS 8

enum row { /* as in chain.def, but for the login session, which is refused */
           ENVIRONMENT,
           ASSUME_ROLE,
           WEB_IDENTITY,
           SSO,
           CREDENTIALS_FILE,
           PROCESS,
           CONFIG_FILE,
           CONTAINER,
           INSTANCE,
           ROW_COUNT
};

static const char *const profiles[ROW_COUNT] = {
    NULL, "role", "web", "sso", "file", "process", "config", "container", "instance",
};

struct stage {
    char soon[CLOCK_TEXT_BYTES];
    int64_t end_ms;
    char *given[ROW_COUNT]; /* what is handed out first */
    struct response scripts[ROW_COUNT][STEPS];
    struct responder *servers[ROW_COUNT];
    struct elasticache *services[ROW_COUNT];
};

static char *sts_keys(const char *action, const char *id, const char *end) {
    return xasprintf("<%sResponse><%sResult><Credentials><AccessKeyId>%s</AccessKeyId>"
                     "<SecretAccessKey>secret%s</SecretAccessKey><SessionToken>token%s"
                     "</SessionToken><Expiration>%s</Expiration></Credentials></%sResult>"
                     "</%sResponse>",
                     action, action, id, id, id, end, action, action);
}

static void script(struct stage *stage, enum row row, const struct response *steps, size_t count) {
    memcpy(stage->scripts[row], steps, count * sizeof *steps);
    stage->servers[row] = responder_open(stage->scripts[row], count);
}

static void write_scripts(struct stage *stage) {
    const char *soon = stage->soon;
    stage->given[ASSUME_ROLE] = sts_keys("AssumeRole", "FIRST", soon);
    stage->given[WEB_IDENTITY] = sts_keys("AssumeRoleWithWebIdentity", "FIRST", soon);
    stage->given[SSO] = xasprintf("{\"roleCredentials\":{\"accessKeyId\":\"FIRST\","
                                  "\"secretAccessKey\":\"secretFIRST\",\"sessionToken\":"
                                  "\"tokenFIRST\",\"expiration\":%lld}}",
                                  (long long)stage->end_ms);
    stage->given[CONTAINER] = xasprintf(DOCUMENT("FIRST", "Token", ",\"Expiration\":\"%s\""), soon);
    static const char second[] = DOCUMENT("SECOND", "Token", ",\"Expiration\":\"" IN_2099 "\"");
    const struct response ends[] = { { .body = IDENTITY }, EXPIRED, { .body = IDENTITY } };
    const struct response role[] = { { .body = stage->given[ASSUME_ROLE] },
                                     { .body = IDENTITY },
                                     { .body = AWS_ANSWER("AssumeRole", STS_KEYS("SECOND")) },
                                     { .body = IDENTITY } };
    const struct response web[] = {
        { .body = stage->given[WEB_IDENTITY] },
        { .body = IDENTITY },
        { .body = AWS_ANSWER("AssumeRoleWithWebIdentity", STS_KEYS("SECOND")) },
        { .body = IDENTITY },
    };
    const struct response sso[] = {
        { .body = stage->given[SSO] },
        { .body = IDENTITY },
        { .body = "{\"roleCredentials\":{\"accessKeyId\":\"SECOND\",\"secretAccessKey\":"
                  "\"secretSECOND\",\"sessionToken\":\"tokenSECOND\","
                  "\"expiration\":4070908800000}}" },
        { .body = IDENTITY },
    };
    const struct response process[] = { { .body = IDENTITY } };
    const struct response container[] = { { .body = stage->given[CONTAINER] },
                                          { .body = IDENTITY },
                                          { .body = second },
                                          { .body = IDENTITY } };
    const struct response instance[] = {
        { .body = "token-1" }, { .body = "role" },    { .body = stage->given[CONTAINER] },
        { .body = IDENTITY },  { .body = "token-2" }, { .body = "role" },
        { .body = second },    { .body = IDENTITY },
    };
    script(stage, ENVIRONMENT, ends, 2);
    script(stage, ASSUME_ROLE, role, COUNT(role));
    script(stage, WEB_IDENTITY, web, COUNT(web));
    script(stage, SSO, sso, COUNT(sso));
    script(stage, CREDENTIALS_FILE, ends, COUNT(ends));
    script(stage, PROCESS, process, COUNT(process));
    script(stage, CONFIG_FILE, ends, COUNT(ends));
    script(stage, CONTAINER, container, COUNT(container));
    script(stage, INSTANCE, instance, COUNT(instance));
}

/* Every profile has its own STS, SSO and metadata; `keys` are those in the files. */
static void place_files(const struct stage *stage, const char *keys) {
    static const char *const own[ROW_COUNT] = {
        [ASSUME_ROLE] = "role_arn=r\nsource_profile=role\naws_access_key_id=BASE\n"
                        "aws_secret_access_key=secretBASE\n",
        [WEB_IDENTITY] = "role_arn=r\nweb_identity_token_file=%s/token\n",
        [SSO] = "sso_start_url=corp\nsso_region=eu-west-1\nsso_account_id=1\nsso_role_name=r\n",
        [CREDENTIALS_FILE] = "",
        [PROCESS] = "credential_process=%s/give\n",
        [CONTAINER] = "",
        [INSTANCE] = "",
    };
    AUTO(text_clear) struct text config = { 0 };
    for (enum row row = ASSUME_ROLE; row < ROW_COUNT; row++) {
        const char *name = profiles[row], *url = responder_url(stage->servers[row]);
        text_addf(&config,
                  "[services %s]\nsts =\n  endpoint_url = %s\nsso =\n  endpoint_url = %s\n", name,
                  url, url);
        text_addf(&config, "[profile %s]\nservices = %s\nec2_metadata_service_endpoint=%s\n", name,
                  name, url);
        const char *lines = row == CONFIG_FILE ? keys : own[row], *folder = strstr(lines, "%s");
        if (folder)
            text_addf(&config, "%.*s%s%s", (int)(folder - lines), lines, keys_folder, folder + 2);
        else
            text_addf(&config, "%s", lines);
    }
    keys_place(text_string(&config), NULL);
    AUTO(string_free) char *path = path_join(keys_folder, "credentials");
    AUTO(string_free) char *content = xasprintf("[file]\n%s", keys);
    keys_put(path, content);
    setenv("AWS_SHARED_CREDENTIALS_FILE", path, 1);
}

static void place_rest(const struct stage *stage, const char *token) {
    AUTO(error_clear) struct error err = { 0 };
    AUTO(string_free) char *token_file = path_join(keys_folder, "token");
    AUTO(string_free) char *cache = path_join(keys_folder, ".aws/sso/cache");
    /* sha1("corp") */
    AUTO(string_free)
    char *login = path_join(cache, "ee0bfd2552fbd840c02cc48b6e823320543c450f.json");
    AUTO(string_free) char *give = path_join(keys_folder, "give");
    AUTO(string_free)
    char *program = xasprintf(
        "#!/bin/sh\n[ -e '%s/given' ] && echo '" DOCUMENT(
            "SECOND", "SessionToken",
            ",\"Version\":1,\"Expiration\":\"" IN_2099
            "\"") "' ||\n"
                  "echo '" DOCUMENT("FIRST", "SessionToken",
                                    ",\"Version\":1,\"Expiration\":\"%s\"") "'\n"
                                                                            "touch '%s/given'\n",
        keys_folder, stage->soon, keys_folder);
    keys_put(token_file, token);
    assert_true(folder_make(cache, 0700, &err));
    keys_put(login, "{\"accessToken\":\"t\",\"expiresAt\":\"" IN_2099 "\"}");
    keys_put(give, program);
    assert_int_equal(chmod(give, 0700), 0);
}

/* The variables of a row, which are the process's: put there for as long as the row is asked. */
static void set_variables(const struct stage *stage, enum row row, bool on) {
    const char *url = responder_url(stage->servers[row]);
    const char *const environment[][2] = {
        { "AWS_ACCESS_KEY_ID", "FIRST" },      { "AWS_SECRET_ACCESS_KEY", "secretFIRST" },
        { "AWS_SESSION_TOKEN", "tokenFIRST" }, { "AWS_CREDENTIAL_EXPIRATION", stage->soon },
        { "AWS_ENDPOINT_URL_STS", url },
    };
    for (size_t i = 0; row == ENVIRONMENT && i < COUNT(environment); i++)
        (void)(on ? setenv(environment[i][0], environment[i][1], 1) : unsetenv(environment[i][0]));
    AUTO(string_free) char *keys = xasprintf("%s/", url);
    if (row == CONTAINER)
        (void)(on ? setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", keys, 1)
                  : unsetenv("AWS_CONTAINER_CREDENTIALS_FULL_URI"));
    if (row == INSTANCE)
        (void)(on ? unsetenv("AWS_EC2_METADATA_DISABLED")
                  : setenv("AWS_EC2_METADATA_DISABLED", "true", 1));
}

static void open_all(struct stage *stage) {
    for (enum row row = 0; row < ROW_COUNT; row++) {
        AUTO(error_clear) struct error err = { 0 };
        const struct elasticache_options options = { .profile = profiles[row] };
        set_variables(stage, row, true);
        if (!elasticache_open(&options, &stage->services[row], &err))
            fail_msg("row %d: %s", (int)row, err.message);
        keys_ask(stage->services[row]);
        set_variables(stage, row, false);
        const struct responder *server = stage->servers[row];
        keys_signed(server, responder_requests(server) - 1, "FIRST");
    }
}

static int set_stage(void **state) {
    (void)keys_make_folder(state);
    struct stage *stage = xcalloc(1, sizeof *stage);
    stage->end_ms = clock_wall_ms() + LIFE_MS;
    clock_format(stage->end_ms, stage->soon);
    write_scripts(stage);
    place_files(stage, "aws_access_key_id=FIRST\naws_secret_access_key=secretFIRST\n");
    place_rest(stage, "token-1");
    open_all(stage);
    place_files(stage, "aws_access_key_id=SECOND\naws_secret_access_key=secretSECOND\n");
    place_rest(stage, "token-2");
    while (clock_wall_ms() <= stage->end_ms + 1100) /* the answer's Date has whole seconds */
        clock_sleep_ms(50);
    *state = stage;
    return 0;
}

static int end_stage(void **state) {
    struct stage *stage = *state;
    for (enum row row = 0; row < ROW_COUNT; row++) {
        elasticache_close(stage->services[row]);
        responder_close(stage->servers[row]);
        free(stage->given[row]);
    }
    free(stage);
    return keys_remove_folder(state);
}

static void replaced(struct stage *stage, enum row row) {
    set_variables(stage, row, true);
    keys_ask(stage->services[row]);
    set_variables(stage, row, false);
    const struct responder *server = stage->servers[row];
    keys_signed(server, responder_requests(server) - 1, "SECOND");
    /* And they stay: nobody is asked for keys again. */
    size_t count = responder_requests(server);
    keys_ask(stage->services[row]);
    assert_int_equal(responder_requests(server), count + 1);
}

static void a_role_is_assumed_again(void **state) {
    struct stage *stage = *state;
    replaced(stage, ASSUME_ROLE);
    keys_signed(stage->servers[ASSUME_ROLE], 2, "BASE");
}

static void a_web_identity_token_is_read_again(void **state) {
    struct stage *stage = *state;
    replaced(stage, WEB_IDENTITY);
    assert_non_null(strstr(responder_body(stage->servers[WEB_IDENTITY], 0), "=token-1"));
    assert_non_null(strstr(responder_body(stage->servers[WEB_IDENTITY], 2), "=token-2"));
}

static void a_login_of_sso_is_used_again(void **state) {
    replaced(*state, SSO);
}

static void a_process_is_run_again(void **state) {
    replaced(*state, PROCESS);
}

static void a_container_is_asked_again(void **state) {
    replaced(*state, CONTAINER);
}

static void an_instance_is_asked_again_from_its_token_on(void **state) {
    struct stage *stage = *state;
    replaced(stage, INSTANCE);
    assert_non_null(strstr(responder_request(stage->servers[INSTANCE], 6),
                           "x-aws-ec2-metadata-token: token-2\r\n"));
}

static void files_are_read_again_when_the_service_says_that_keys_have_ended(void **state) {
    replaced(*state, CREDENTIALS_FILE);
    replaced(*state, CONFIG_FILE);
}

static void variables_cannot_change_so_their_end_is_told(void **state) {
    struct stage *stage = *state;
    AUTO(error_clear) struct error err = { 0 };
    AUTO(service_identity_clear) struct service_identity identity = { 0 };
    set_variables(stage, ENVIRONMENT, true);
    assert_false(elasticache_identity(stage->services[ENVIRONMENT], aws_soon(), &identity, &err));
    set_variables(stage, ENVIRONMENT, false);
    assert_int_equal(err.code, ERROR_CREDENTIALS);
    assert_true(error_is_remote(&err, "ExpiredToken"));
    assert_non_null(strstr(err.hint, "get new credentials"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(variables_cannot_change_so_their_end_is_told),
        cmocka_unit_test(a_role_is_assumed_again),
        cmocka_unit_test(a_web_identity_token_is_read_again),
        cmocka_unit_test(a_login_of_sso_is_used_again),
        cmocka_unit_test(files_are_read_again_when_the_service_says_that_keys_have_ended),
        cmocka_unit_test(a_process_is_run_again),
        cmocka_unit_test(a_container_is_asked_again),
        cmocka_unit_test(an_instance_is_asked_again_from_its_token_on),
    };
    return cmocka_run_group_tests(tests, set_stage, end_stage);
}
