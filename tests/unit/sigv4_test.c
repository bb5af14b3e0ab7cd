#include <setjmp.h>
#include <spawn.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "providers/elasticache/sigv4.h"
#include "schemas/base/memory.h"
#include "tests/support/aws.h"
#include "tests/support/responder.h"

/* The public sample pair of AWS's own examples. */
#define SAMPLE_ID "AKIDEXAMPLE"
#define SAMPLE_SECRET "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"

struct vector {
    struct sigv4_request request;
    struct sigv4_scope scope;
    const char *signed_headers, *canonical_sha256, *signature;
};

static const struct sigv4_header start_headers[] = {
    { "X-Amz-Date", "20260301T100000Z" },
    { "Host", "elasticache.us-east-1.amazonaws.com" },
    { "Content-Type", "  application/x-www-form-urlencoded;  charset=utf-8 " },
};
static const char start_body[] =
    "Action=StartMigration&Version=2015-02-02&ReplicationGroupId=orders-new&"
    "CustomerNodeEndpointList.member.1.Address=10.0.4.17&"
    "CustomerNodeEndpointList.member.1.Port=6379";

static const struct sigv4_header identity_headers[] = {
    { "content-type", "application/x-www-form-urlencoded; charset=utf-8" },
    { "host", "sts.eu-west-1.amazonaws.com" },
    { "x-amz-security-token", "TOKEN/example+token==" },
    { "x-amz-date", "20260301T100000Z" },
};
static const char identity_body[] = "Action=GetCallerIdentity&Version=2011-06-15";

static const struct vector vectors[] = {
    { { "POST", "/", "", start_headers, 3, start_body, sizeof start_body - 1 },
      { "20260301T100000Z", "us-east-1", "elasticache" },
      "content-type;host;x-amz-date",
      "812fd9e512db18f7b6473de2cc95b357d57ad278f15367889ed10706c740897c",
      "cfaa3a0ceae0a344f26c9b56062073c825d82024bf650466ee4eb8af0dba4698" },
    { { "POST", "/", "", identity_headers, 4, identity_body, sizeof identity_body - 1 },
      { "20260301T100000Z", "eu-west-1", "sts" },
      "content-type;host;x-amz-date;x-amz-security-token",
      "b9deea6241e08a5b2469581fd2e017bebdb86fa5c6f3610be086e499698d9fc2",
      "0502c6d4d6de005c51de3b78ec67890f35e946d57c52a381e0b9baf88c323b43" },
};

static void known_requests_have_their_known_signatures(void **state) {
    (void)state;
    AUTO(secret_free) struct secret *secret = secret_new(SAMPLE_SECRET, strlen(SAMPLE_SECRET));
    for (size_t i = 0; i < COUNT(vectors); i++) {
        const struct vector *vector = &vectors[i];
        AUTO(string_free) char *canonical = sigv4_canonical_request(&vector->request);
        char digest[DIGEST_HEX_BYTES];
        digest_sha256_hex(canonical, strlen(canonical), digest);
        assert_string_equal(digest, vector->canonical_sha256);
        AUTO(string_free) char *names = sigv4_signed_headers(&vector->request);
        assert_string_equal(names, vector->signed_headers);
        AUTO(string_free) char *to_sign = sigv4_string_to_sign(&vector->scope, canonical);
        char signature[DIGEST_HEX_BYTES];
        sigv4_signature(secret, &vector->scope, to_sign, signature);
        assert_string_equal(signature, vector->signature);
    }
}

static void the_authorization_header_names_key_scope_headers_and_signature(void **state) {
    (void)state;
    AUTO(secret_free) struct secret *secret = secret_new(SAMPLE_SECRET, strlen(SAMPLE_SECRET));
    AUTO(string_free)
    char *header = sigv4_authorization(&vectors[0].request, &vectors[0].scope, SAMPLE_ID, secret);
    assert_string_equal(header,
                        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260301/us-east-1/elasticache/"
                        "aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature="
                        "cfaa3a0ceae0a344f26c9b56062073c825d82024bf650466ee4eb8af0dba4698");
}

/* The independent witness: libcurl signs by itself, with its own code and clock. */
static void what_curl_signs_holds_here(void **state) {
    (void)state;
    static const struct response script[] = { { .body = "" } };
    AUTO(responder_close) struct responder *server = responder_open(script, COUNT(script));
    const char *const arguments[] = { "curl",
                                      "--silent",
                                      "--noproxy",
                                      "*",
                                      "--aws-sigv4",
                                      "aws:amz:us-east-1:elasticache",
                                      "--user",
                                      SAMPLE_ID ":" SAMPLE_SECRET,
                                      "--header",
                                      "X-Amz-Security-Token:  TOKEN/example+token== ",
                                      "--data",
                                      start_body,
                                      responder_url(server),
                                      NULL };
    pid_t child = 0;
    int status = 0;
    if (posix_spawnp(&child, "curl", NULL, NULL, (char *const *)arguments, environ) != 0)
        skip();
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_string_equal(responder_body(server, 0), start_body);
    assert_true(aws_signature_holds(responder_request(server, 0), start_body, SAMPLE_SECRET));
}

/* The paths of the service's own test suite, and what is encoded already. */
static void paths_are_made_canonical(void **state) {
    (void)state;
    static const char *const rows[][2] = {
        { "", "/" },
        { "/", "/" },
        { "//", "/" },
        { "/./", "/" },
        { "/.", "/" },
        { "/example/..", "/" },
        { "/example1/example2/../..", "/" },
        { "/..", "/" },
        { "/../../x", "/x" },
        { "/./example", "/example" },
        { "//example//", "/example/" },
        { "/a//b/", "/a/b/" },
        { "/a/b/..", "/a/" },
        { "/a/../../b/./c", "/b/c" },
        { "/...", "/..." },
        { "/example space/", "/example%20space/" },
        { "/\xe1\x88\xb4", "/%E1%88%B4" },
        { "/-._~0Az", "/-._~0Az" },
        { "/a%20b", "/a%2520b" },
        { "/%2e%2E/x", "/%252e%252E/x" },
        { "/a=b:c@d", "/a%3Db%3Ac%40d" },
        { "x", "/x" },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        AUTO(string_free) char *path = sigv4_canonical_path(rows[i][0]);
        assert_string_equal(path, rows[i][1]);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paths_are_made_canonical),
        cmocka_unit_test(known_requests_have_their_known_signatures),
        cmocka_unit_test(the_authorization_header_names_key_scope_headers_and_signature),
        cmocka_unit_test(what_curl_signs_holds_here),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
