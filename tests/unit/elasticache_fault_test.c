/* What the client does when the other side refuses, breaks, lies or keeps silent. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "providers/elasticache/retry.h"
#include "schemas/base/clock.h"
#include "schemas/base/files.h"
#include "schemas/base/memory.h"
#include "tests/support/aws.h"
#include "tests/support/responder.h"

#define RUN(script)                                                                                \
    AUTO(responder_close) struct responder *server = responder_open(script, COUNT(script));        \
    AUTO(elasticache_close) struct elasticache *service = aws_open(responder_url(server));         \
    AUTO(error_clear) struct error err = { 0 };                                                    \
    AUTO(replication_group_clear) struct replication_group group = { 0 }

#define COMPLETED AWS_ANSWER("CompleteMigration", AWS_GROUP)

static bool describe(struct elasticache *service, struct replication_group *group,
                     struct error *err) {
    return elasticache_describe(service, "orders", aws_soon(), group, err);
}

static bool complete(struct elasticache *service, struct error *err) {
    int64_t expires_at_ms = 0;
    return elasticache_complete(service, "orders", false, aws_soon(), &expires_at_ms, err);
}

static void assert_no_secret(const struct error *err) {
    const char *const texts[] = { err->message, err->hint, err->remote_code };
    for (size_t i = 0; i < COUNT(texts); i++)
        assert_true(!texts[i] || !strstr(texts[i], "canary"));
}

static void a_read_is_sent_again_after_faults_that_pass(void **state) {
    (void)state;
    static const struct response script[] = {
        { .status = 503, .body = "<html>busy</html>" },
        { .kind = RESPOND_BY_CLOSING },
        { .body = AWS_DESCRIBED },
    };
    RUN(script);
    assert_true(describe(service, &group, &err));
    assert_int_equal(responder_requests(server), 3);
}

static void a_read_gives_up_after_three_attempts(void **state) {
    (void)state;
    static const struct response script[] = { { .status = 500,
                                                .body = AWS_REFUSAL("InternalFailure", "oops") } };
    RUN(script);
    assert_false(describe(service, &group, &err));
    assert_int_equal(err.code, ERROR_SERVICE);
    assert_true(error_is_remote(&err, "InternalFailure"));
    assert_int_equal(responder_requests(server), 3);
}

static void the_number_of_attempts_can_be_set(void **state) {
    (void)state;
    static const struct response script[] = { { .status = 502, .body = "" } };
    setenv("AWS_MAX_ATTEMPTS", "1", 1);
    RUN(script);
    unsetenv("AWS_MAX_ATTEMPTS");
    assert_false(describe(service, &group, &err));
    assert_int_equal(responder_requests(server), 1);
    assert_non_null(strstr(err.message, "HTTP 502"));
}

static void throttling_is_waited_out_by_reads_and_by_acts(void **state) {
    (void)state;
    static const struct response script[] = {
        { .status = 400, .body = AWS_REFUSAL("Throttling", "Rate exceeded") },
        { .body = AWS_DESCRIBED },
        { .status = 429, .headers = "x-amz-retry-after: 30\r\n", .body = "" },
        { .body = COMPLETED },
    };
    RUN(script);
    assert_true(describe(service, &group, &err));
    assert_true(complete(service, &err));
    assert_int_equal(responder_requests(server), 4);
}

static void a_pause_past_the_deadline_is_not_begun(void **state) {
    (void)state;
    static const struct response script[] = {
        { .status = 400,
          .headers = "x-amz-retry-after: 600000\r\n",
          .body = AWS_REFUSAL("Throttling", "Rate exceeded") },
    };
    RUN(script);
    assert_false(elasticache_describe(service, "orders", clock_mono_ms() + 4000, &group, &err));
    assert_int_equal(err.code, ERROR_THROTTLED);
    assert_int_equal(responder_requests(server), 1);
}

static void what_acts_is_sent_once_even_over_a_connection_that_breaks(void **state) {
    (void)state;
    static const struct response script[] = {
        { .body = AWS_DESCRIBED },
        { .kind = RESPOND_BY_CLOSING },
    };
    RUN(script);
    assert_true(describe(service, &group, &err));
    assert_false(complete(service, &err));
    assert_int_equal(err.code, ERROR_LOST_ANSWER);
    assert_int_equal(responder_requests(server), 2);
}

static void what_acts_is_lost_with_a_fault_garbage_or_silence(void **state) {
    (void)state;
    static const struct response scripts[] = {
        { .status = 500, .body = AWS_REFUSAL("InternalFailure", "oops") },
        { .status = 503, .body = AWS_REFUSAL("ServiceUnavailable", "later") },
        { .status = 504, .body = "" },
        { .body = "<html><body>welcome</body></html>" },
        { .body = "{\"not\": \"xml\"}" },
        { .body = "" },
        { .kind = RESPOND_NEVER },
    };
    for (size_t i = 0; i < COUNT(scripts); i++) {
        AUTO(responder_close) struct responder *server = responder_open(&scripts[i], 1);
        AUTO(elasticache_close) struct elasticache *service = aws_open(responder_url(server));
        AUTO(error_clear) struct error err = { 0 };
        int64_t deadline_mono_ms =
            clock_mono_ms() + (scripts[i].kind == RESPOND_NEVER ? 300 : 60000);
        assert_false(
            elasticache_start(service, "orders", "10.0.0.1", 6379, deadline_mono_ms, &err));
        assert_int_equal(err.code, ERROR_LOST_ANSWER);
        assert_non_null(strstr(err.message, "StartMigration"));
        assert_int_equal(responder_requests(server), 1);
    }
}

static void a_read_that_gets_no_answer_ends_at_the_deadline(void **state) {
    (void)state;
    static const struct response script[] = { { .kind = RESPOND_NEVER } };
    RUN(script);
    assert_false(elasticache_describe(service, "orders", clock_mono_ms() + 300, &group, &err));
    assert_int_equal(err.code, ERROR_DEADLINE);
    assert_false(elasticache_describe(service, "orders", clock_mono_ms() - 1, &group, &err));
    assert_int_equal(err.code, ERROR_DEADLINE);
    assert_int_equal(responder_requests(server), 1);
}

static void nobody_listening_is_unreachable_for_acts_as_well(void **state) {
    (void)state;
    AUTO(elasticache_close) struct elasticache *service = aws_open("http://127.77.4.3:9");
    AUTO(error_clear) struct error err = { 0 };
    assert_false(complete(service, &err));
    assert_int_equal(err.code, ERROR_UNREACHABLE);
    assert_non_null(strstr(err.message, "127.77.4.3"));
}

static void a_proxy_is_used_for_other_machines_only(void **state) {
    (void)state;
    static const struct response script[] = { { .body = AWS_DESCRIBED } };
    AUTO(responder_close) struct responder *proxy = responder_open(script, COUNT(script));
    unsetenv("http_proxy");
    setenv("HTTP_PROXY", responder_url(proxy), 1);
    static const char *const urls[] = { "http://elasticache.invalid", "http://127.77.4.3:9" };
    for (size_t i = 0; i < COUNT(urls); i++) {
        AUTO(elasticache_close) struct elasticache *service = aws_open(urls[i]);
        AUTO(error_clear) struct error err = { 0 };
        AUTO(replication_group_clear) struct replication_group group = { 0 };
        assert_int_equal(describe(service, &group, &err), i == 0);
    }
    unsetenv("HTTP_PROXY");
    assert_int_equal(responder_requests(proxy), 1);
    assert_non_null(strstr(responder_request(proxy, 0), "POST http://elasticache.invalid/ HTTP"));
    (void)aws_set_environment(NULL);
}

static void garbage_in_a_read_is_a_format_error(void **state) {
    (void)state;
    static const struct response script[] = { { .body = "<html>hello</html>" },
                                              { .body = "<a><b></a>" } };
    RUN(script);
    assert_false(describe(service, &group, &err));
    assert_int_equal(err.code, ERROR_FORMAT);
    assert_false(describe(service, &group, &err));
    assert_int_equal(err.code, ERROR_FORMAT);
    assert_int_equal(responder_requests(server), 2);
}

/* A body and headers without an end, each a reason of its own; numbers that do not fit. */
static void an_answer_without_an_end_is_cut_off(void **state) {
    (void)state;
    AUTO(text_clear) struct text body = { 0 }, headers = { 0 };
    for (int i = 0; i < 9 << 17; i++)
        text_add(&body, "<a>xy</>");
    for (int i = 0; i < 5000; i++)
        text_addf(&headers, "X-Header-%d: a value of some sixty bytes, which is nothing alone\r\n",
                  i);
    const struct response script[] = {
        { .body = text_string(&body) }, { .headers = text_string(&headers), .body = AWS_DESCRIBED }
    };
    RUN(script);
    assert_false(describe(service, &group, &err));
    assert_int_equal(err.code, ERROR_LIMIT);
    error_clear(&err);
    assert_false(describe(service, &group, &err));
    assert_int_equal(err.code, ERROR_LIMIT);
    assert_non_null(strstr(err.message, "headers"));
}

/* What a proxy or a gateway does not find is not the group. */
static void only_the_groups_own_absence_is_absence(void **state) {
    (void)state;
    static const struct response script[] = {
        { .status = 404, .body = AWS_REFUSAL("HostNotFound", "no route to it") },
        { .status = 404, .body = AWS_REFUSAL("ReplicationGroupNotFoundFault", "none") },
        { .status = 404, .body = AWS_REFUSAL("HostNotFound", "no route to it") },
    };
    RUN(script);
    AUTO(serverless_cache_clear) struct serverless_cache cache = { .exists = true };
    assert_false(describe(service, &group, &err));
    assert_int_equal(err.code, ERROR_SERVICE);
    assert_false(describe(service, &group, &err));
    assert_int_equal(err.code, ERROR_NOT_FOUND);
    error_clear(&err);
    assert_false(elasticache_serverless(service, "orders", aws_soon(), &cache, &err));
    assert_true(cache.exists);
}

static const struct {
    struct response response;
    enum error_code code;
    const char *in_message, *in_hint;
} refusals[] = {
    { { .status = 404, .body = AWS_REFUSAL("ReplicationGroupNotFoundFault", "No such group.") },
      ERROR_NOT_FOUND,
      "CompleteMigration was refused with ReplicationGroupNotFoundFault (HTTP 404, request "
      "r-9): No such group",
      NULL },
    { { .status = 403, .body = AWS_REFUSAL("AccessDenied", "User x is not authorized") },
      ERROR_ACCESS_DENIED,
      "not authorized",
      "elasticache:CompleteMigration" },
    { { .status = 400, .body = AWS_REFUSAL("InvalidReplicationGroupState", "busy") },
      ERROR_SERVICE,
      "busy",
      NULL },
    { { .status = 403, .body = AWS_REFUSAL("InvalidClientTokenId", "bad token") },
      ERROR_CREDENTIALS,
      "InvalidClientTokenId",
      "access key" },
    { { .status = 403, .body = AWS_REFUSAL("ExpiredToken", "expired") },
      ERROR_CREDENTIALS,
      "ExpiredToken",
      "expired" },
    { { .status = 403,
        .body = AWS_REFUSAL("SignatureDoesNotMatch",
                            "It does not match.\n\nThe canonical string is\nx-amz-security-"
                            "token:" AWS_CANARY_TOKEN) },
      ERROR_CREDENTIALS,
      "SignatureDoesNotMatch",
      "secret access key" },
    { { .status = 400, .body = AWS_REFUSAL("IncompleteSignature", "token=" AWS_CANARY_TOKEN) },
      ERROR_CREDENTIALS,
      "IncompleteSignature",
      NULL },
    { { .status = 403, .headers = "x-amzn-RequestId: h-1\r\n", .body = "" },
      ERROR_SERVICE,
      "HTTP 403 without an error message of the service, request h-1",
      "proxy" },
    { { .status = 307, .headers = "Location: http://127.77.4.4/\r\n", .body = "" },
      ERROR_SERVICE,
      "HTTP 307",
      NULL },
};

static void refusals_keep_the_services_words(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(refusals); i++) {
        AUTO(responder_close) struct responder *server = responder_open(&refusals[i].response, 1);
        AUTO(elasticache_close) struct elasticache *service = aws_open(responder_url(server));
        AUTO(error_clear) struct error err = { 0 };
        assert_false(complete(service, &err));
        assert_int_equal(err.code, refusals[i].code);
        if (!strstr(err.message, refusals[i].in_message))
            fail_msg("'%s' is not in '%s'", refusals[i].in_message, err.message);
        if (refusals[i].in_hint)
            assert_non_null(strstr(err.hint, refusals[i].in_hint));
        assert_no_secret(&err);
        assert_int_equal(responder_requests(server), 1);
    }
}

/* The time in the request's X-Amz-Date. */
static int64_t signed_at_ms(const struct responder *server, size_t index) {
    const char *header = strcasestr(responder_request(server, index), "\r\nX-Amz-Date: ");
    assert_non_null(header);
    char iso[32];
    header += strlen("\r\nX-Amz-Date: ");
    (void)snprintf(iso, sizeof iso, "%.4s-%.2s-%.2sT%.2s:%.2s:%.2sZ", header, header + 4,
                   header + 6, header + 9, header + 11, header + 13);
    int64_t at_ms = 0;
    assert_true(clock_parse(iso, &at_ms));
    return at_ms;
}

static void a_wrong_clock_is_corrected_once(void **state) {
    (void)state;
    static const struct response script[] = {
        { .status = 400, .body = AWS_REFUSAL("RequestExpired", "old"), .date_skew_ms = 600000 },
        { .body = COMPLETED, .date_skew_ms = 600000 },
        { .body = AWS_DESCRIBED, .date_skew_ms = 600000 },
    };
    RUN(script);
    int64_t expires_at_ms = 0;
    assert_true(elasticache_complete(service, "orders", false, aws_soon(), &expires_at_ms, &err));
    assert_true(describe(service, &group, &err));
    int64_t first_ms = signed_at_ms(server, 0);
    for (size_t i = 1; i < 3; i++)
        assert_true(signed_at_ms(server, i) - first_ms >= 590000);
    assert_true(expires_at_ms >= signed_at_ms(server, 1) + 900000);
}

static void a_clock_ahead_keeps_a_copy_alive_for_longer_by_our_own_clock(void **state) {
    (void)state;
    static const struct response script[] = {
        { .body = AWS_DESCRIBED, .date_skew_ms = -120000 },
        { .body = COMPLETED, .date_skew_ms = -120000 },
    };
    RUN(script);
    assert_true(describe(service, &group, &err));
    int64_t expires_at_ms = 0, before_ms = clock_wall_ms();
    assert_true(elasticache_complete(service, "orders", false, aws_soon(), &expires_at_ms, &err));
    assert_true(expires_at_ms >= before_ms + 900000 + 119000);
    /* By the service's clock it is our date that counts: it is the later one. */
    int64_t now_ms = clock_wall_ms(), ends_at_ms = elasticache_signature_ends_ms(service, 30000);
    assert_true(ends_at_ms >= now_ms + 930000 && ends_at_ms <= now_ms + 935000);
    assert_true(elasticache_clock_ms(service) <= now_ms - 118000);
}

static void a_clock_behind_signs_with_a_date_that_dies_no_sooner(void **state) {
    (void)state;
    static const struct response script[] = { { .body = AWS_DESCRIBED, .date_skew_ms = 120000 } };
    RUN(script);
    assert_true(describe(service, &group, &err));
    int64_t now_ms = clock_wall_ms(), ends_at_ms = elasticache_signature_ends_ms(service, 30000);
    assert_true(ends_at_ms >= now_ms + 118000 + 930000);
    assert_true(elasticache_clock_ms(service) >= now_ms + 118000);
}

static void a_clock_that_stays_wrong_is_named(void **state) {
    (void)state;
    static const struct response script[] = { { .status = 403,
                                                .body = AWS_REFUSAL("SignatureDoesNotMatch", "no"),
                                                .date_skew_ms = 900000 } };
    RUN(script);
    assert_false(describe(service, &group, &err));
    assert_int_equal(err.code, ERROR_CREDENTIALS);
    assert_non_null(strstr(err.hint, "clock"));
    assert_int_equal(responder_requests(server), 2);
}

static void write_credentials(const char *path, const char *id) {
    AUTO(error_clear) struct error err = { 0 };
    AUTO(string_free)
    char *text = xasprintf("[default]\naws_access_key_id=%s\naws_secret_access_key=x\n", id);
    assert_true(file_write(path, text, strlen(text), 0600, &err));
}

static void expired_credentials_are_read_again_once(void **state) {
    (void)state;
    static const struct response script[] = {
        { .status = 403, .body = AWS_REFUSAL("ExpiredToken", "expired") },
        { .body = AWS_DESCRIBED },
        { .status = 403, .body = AWS_REFUSAL("ExpiredToken", "expired") },
    };
    char folder[] = "/tmp/ecmig-test-XXXXXX";
    assert_non_null(mkdtemp(folder));
    AUTO(string_free) char *path = path_join(folder, "credentials");
    write_credentials(path, "AKIDOLD");
    setenv("AWS_SHARED_CREDENTIALS_FILE", path, 1);
    unsetenv("AWS_ACCESS_KEY_ID");
    unsetenv("AWS_SECRET_ACCESS_KEY");
    {
        RUN(script);
        write_credentials(path, "AKIDNEW");
        assert_true(describe(service, &group, &err));
        assert_non_null(strstr(responder_request(server, 0), "Credential=AKIDOLD/"));
        assert_non_null(strstr(responder_request(server, 1), "Credential=AKIDNEW/"));
        assert_false(describe(service, &group, &err));
        assert_int_equal(responder_requests(server), 3);
    }
    (void)unlink(path);
    (void)rmdir(folder);
    (void)aws_set_environment(NULL);
}

static void delays_grow_with_jitter_and_obey_the_services_hint_within_bounds(void **state) {
    (void)state;
    assert_int_equal(retry_delay_ms(1, false, -1, 999999), 49);
    assert_int_equal(retry_delay_ms(2, false, -1, 500000), 50);
    assert_int_equal(retry_delay_ms(1, true, -1, 500000), 500);
    assert_int_equal(retry_delay_ms(40, true, -1, 999999), 19999);
    assert_int_equal(retry_delay_ms(1, true, 700, 500000), 700);
    assert_int_equal(retry_delay_ms(1, true, 100, 500000), 500);
    assert_int_equal(retry_delay_ms(1, true, 60000, 500000), 5500);
    struct retry retry = { .quota = 20, .attempt_ceiling = 3 };
    assert_true(retry_again(&retry, 1, false));
    assert_false(retry_again(&retry, 2, false));
    assert_true(retry_again(&retry, 2, true));
    assert_false(retry_again(&retry, 3, true));
    retry_succeeded(&retry);
    assert_int_equal(retry.quota, 6);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_read_is_sent_again_after_faults_that_pass),
        cmocka_unit_test(a_read_gives_up_after_three_attempts),
        cmocka_unit_test(the_number_of_attempts_can_be_set),
        cmocka_unit_test(throttling_is_waited_out_by_reads_and_by_acts),
        cmocka_unit_test(a_pause_past_the_deadline_is_not_begun),
        cmocka_unit_test(what_acts_is_sent_once_even_over_a_connection_that_breaks),
        cmocka_unit_test(what_acts_is_lost_with_a_fault_garbage_or_silence),
        cmocka_unit_test(a_read_that_gets_no_answer_ends_at_the_deadline),
        cmocka_unit_test(nobody_listening_is_unreachable_for_acts_as_well),
        cmocka_unit_test(a_proxy_is_used_for_other_machines_only),
        cmocka_unit_test(garbage_in_a_read_is_a_format_error),
        cmocka_unit_test(an_answer_without_an_end_is_cut_off),
        cmocka_unit_test(only_the_groups_own_absence_is_absence),
        cmocka_unit_test(refusals_keep_the_services_words),
        cmocka_unit_test(a_wrong_clock_is_corrected_once),
        cmocka_unit_test(a_clock_ahead_keeps_a_copy_alive_for_longer_by_our_own_clock),
        cmocka_unit_test(a_clock_behind_signs_with_a_date_that_dies_no_sooner),
        cmocka_unit_test(a_clock_that_stays_wrong_is_named),
        cmocka_unit_test(expired_credentials_are_read_again_once),
        cmocka_unit_test(delays_grow_with_jitter_and_obey_the_services_hint_within_bounds),
    };
    return cmocka_run_group_tests(tests, aws_set_environment, NULL);
}
