/* Whom the client trusts on the way to the service, and what a way that is barred means. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "schemas/base/files.h"
#include "schemas/base/memory.h"
#include "tests/support/aws.h"
#include "tests/support/responder.h"

#define ADDRESS "127.77.4.6"
#define COMPLETED AWS_ANSWER("CompleteMigration", AWS_GROUP)

struct fixture {
    char *folder, *url, *ca, *other, *config;
    pid_t server;
    int input; /* its end ends the server */
};

static void make_certificates(const char *folder) {
    pid_t pid = fork();
    if (pid == 0) {
        (void)execl(TEST_SOURCE_FOLDER "/support/certificates", "certificates", folder, ADDRESS,
                    (char *)NULL);
        _exit(127);
    }
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

static void start_server(struct fixture *fixture) {
    int input[2], output[2];
    assert_int_equal(pipe(input), 0);
    assert_int_equal(pipe(output), 0);
    AUTO(string_free) char *certificate = path_join(fixture->folder, "server.pem");
    AUTO(string_free) char *key = path_join(fixture->folder, "server.key");
    fixture->server = fork();
    if (fixture->server == 0) {
        (void)dup2(input[0], 0);
        (void)dup2(output[1], 1);
        (void)close(input[1]);
        (void)close(output[0]);
        (void)execl(TEST_SOURCE_FOLDER "/support/https_server", "https_server", ADDRESS,
                    certificate, key, COMPLETED, (char *)NULL);
        _exit(127);
    }
    (void)close(input[0]);
    (void)close(output[1]);
    fixture->input = input[1];
    char line[16] = "";
    assert_true(read(output[0], line, sizeof line - 1) > 0);
    (void)close(output[0]);
    fixture->url = xasprintf("https://" ADDRESS ":%d", (int)strtol(line, NULL, 10));
}

static int start(void **state) {
    struct fixture *fixture = xcalloc(1, sizeof *fixture);
    char name[] = "/tmp/ecmig-https-XXXXXX";
    assert_non_null(mkdtemp(name));
    fixture->folder = xstrdup(name);
    fixture->ca = path_join(name, "ca.pem");
    fixture->other = path_join(name, "other.pem");
    fixture->config = path_join(name, "config");
    make_certificates(name);
    start_server(fixture);
    *state = fixture;
    return 0;
}

static int stop(void **state) {
    struct fixture *fixture = *state;
    int status = 0;
    (void)close(fixture->input);
    assert_int_equal(waitpid(fixture->server, &status, 0), fixture->server);
    AUTO(string_free) char *command = xasprintf("rm -r '%s'", fixture->folder);
    assert_int_equal(system(command), 0);
    char *const strings[] = { fixture->folder, fixture->url, fixture->ca, fixture->other,
                              fixture->config };
    for (size_t i = 0; i < COUNT(strings); i++)
        free(strings[i]);
    free(fixture);
    return 0;
}

static bool complete(const char *url, struct error *err) {
    AUTO(elasticache_close) struct elasticache *service = aws_open(url);
    int64_t expires_at_ms = 0;
    return elasticache_complete(service, "orders", false, aws_soon(), &expires_at_ms, err);
}

static void trusts(const char *url, bool wanted) {
    AUTO(error_clear) struct error err = { 0 };
    if (complete(url, &err) != wanted)
        fail_msg("%s", err.message);
    if (wanted)
        return;
    /* Nothing was sent, so nothing can have been carried out. */
    assert_int_equal(err.code, ERROR_UNREACHABLE);
    assert_non_null(strstr(err.message, "certificate"));
    assert_non_null(strstr(err.hint, "AWS_CA_BUNDLE"));
}

static void the_bundle_that_is_named_is_the_one_that_counts(void **state) {
    const struct fixture *fixture = *state;
    (void)aws_set_environment(NULL);
    trusts(fixture->url, false);
    setenv("AWS_CA_BUNDLE", fixture->other, 1);
    trusts(fixture->url, false);
    setenv("AWS_CA_BUNDLE", fixture->ca, 1);
    trusts(fixture->url, true);
    AUTO(string_free) char *profile = xasprintf("[default]\nca_bundle = %s\n", fixture->ca);
    AUTO(error_clear) struct error err = { 0 };
    assert_true(file_write(fixture->config, profile, strlen(profile), 0600, &err));
    setenv("AWS_CONFIG_FILE", fixture->config, 1);
    unsetenv("AWS_CA_BUNDLE");
    trusts(fixture->url, true);
    setenv("AWS_CA_BUNDLE", fixture->other, 1);
    trusts(fixture->url, false);
    setenv("AWS_CA_BUNDLE", "/nonexistent/bundle.pem", 1);
    trusts(fixture->url, false);
    unsetenv("AWS_CA_BUNDLE");
}

static void a_proxy_that_refuses_the_way_has_sent_nothing_on(void **state) {
    (void)state;
    static const struct response script[] = { { .kind = RESPOND_AND_CLOSE, .status = 403 } };
    AUTO(responder_close) struct responder *proxy = responder_open(script, COUNT(script));
    (void)aws_set_environment(NULL);
    static const char *const variables[] = { "https_proxy", "HTTPS_PROXY" };
    for (size_t i = 0; i < COUNT(variables); i++) {
        AUTO(error_clear) struct error err = { 0 };
        setenv(variables[i], responder_url(proxy), 1);
        size_t before = responder_requests(proxy);
        assert_false(complete("https://elasticache.invalid", &err));
        unsetenv(variables[i]);
        assert_int_equal(err.code, ERROR_UNREACHABLE);
        assert_non_null(strstr(err.message, "403"));
        assert_non_null(strstr(err.hint, "proxy"));
        assert_non_null(
            strstr(responder_request(proxy, before), "CONNECT elasticache.invalid:443 HTTP"));
        assert_null(strstr(responder_request(proxy, before), "CompleteMigration"));
    }
}

static void what_no_proxy_names_is_asked_without_one(void **state) {
    (void)state;
    static const struct response script[] = { { .status = 403 } };
    AUTO(responder_close) struct responder *proxy = responder_open(script, COUNT(script));
    (void)aws_set_environment(NULL);
    static const char *const variables[] = { "no_proxy", "NO_PROXY" };
    setenv("HTTP_PROXY", responder_url(proxy), 1);
    unsetenv("http_proxy");
    for (size_t i = 0; i < COUNT(variables); i++) {
        AUTO(error_clear) struct error err = { 0 };
        setenv(variables[i], "example.com,.invalid", 1);
        assert_false(complete("http://elasticache.invalid", &err));
        unsetenv(variables[i]);
        assert_int_equal(err.code, ERROR_UNREACHABLE);
    }
    assert_int_equal(responder_requests(proxy), 0);
    AUTO(error_clear) struct error err = { 0 };
    assert_false(complete("http://elasticache.invalid", &err));
    assert_int_equal(responder_requests(proxy), 1);
    unsetenv("HTTP_PROXY");
    /* A name that only begins like one of this machine is another machine's. */
    setenv("http_proxy", responder_url(proxy), 1);
    error_clear(&err);
    assert_false(complete("http://localhost.invalid", &err));
    error_clear(&err);
    assert_false(complete("http://127.invalid", &err));
    assert_int_equal(responder_requests(proxy), 3);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_bundle_that_is_named_is_the_one_that_counts),
        cmocka_unit_test(a_proxy_that_refuses_the_way_has_sent_nothing_on),
        cmocka_unit_test(what_no_proxy_names_is_asked_without_one),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
