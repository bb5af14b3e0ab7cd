/* What IAM is asked about the caller, where, and what is made of the answer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "providers/elasticache/endpoint.h"
#include "schemas/base/memory.h"
#include "tests/support/aws.h"
#include "tests/support/responder.h"

#define GROUP "arn:aws:elasticache:eu-west-1:1:replicationgroup:orders"
#define ONE(action, decision, more)                                                                \
    "<member><EvalActionName>elasticache:" action "</EvalActionName><EvalResourceName>" GROUP      \
    "</EvalResourceName><EvalDecision>" decision "</EvalDecision>" more "</member>"
#define RESULTS(members) "<EvaluationResults>" members "</EvaluationResults>"
#define ASKED                                                                                      \
    "&ActionNames.member.1=elasticache%3AStartMigration"                                           \
    "&ActionNames.member.2=elasticache%3ACompleteMigration"                                        \
    "&ResourceArns.member.1=arn%3Aaws%3Aelasticache%3Aeu-west-1%3A1%3Areplicationgroup%3Aorders"

static char *names[] = { (char *)"elasticache:StartMigration",
                         (char *)"elasticache:CompleteMigration" };
static const struct strings actions = { names, COUNT(names) };

static bool ask(const struct responder *server, const char *caller, struct service_rights *out,
                struct error *err) {
    setenv("AWS_ENDPOINT_URL", responder_url(server), 1);
    AUTO(elasticache_close) struct elasticache *service = aws_open(NULL);
    unsetenv("AWS_ENDPOINT_URL");
    const struct rights_question question = { caller, &actions, GROUP };
    return elasticache_simulate(service, &question, aws_soon(), out, err);
}

static void the_policies_of_a_user_are_read_in_the_region_of_iam(void **state) {
    (void)state;
    static const struct response script[] = {
        { .body = AWS_ANSWER("SimulatePrincipalPolicy",
                             RESULTS(ONE("StartMigration", "allowed",
                                         "")) "<IsTruncated>true"
                                              "</IsTruncated><Marker>more</Marker>") },
        { .body = AWS_ANSWER(
              "SimulatePrincipalPolicy",
              RESULTS(ONE("CompleteMigration", "implicitDeny",
                          "<MissingContextValues/>")) "<IsTruncated>false</IsTruncated>") },
    };
    AUTO(responder_close) struct responder *server = responder_open(script, COUNT(script));
    AUTO(service_rights_clear) struct service_rights rights = { 0 };
    AUTO(error_clear) struct error err = { 0 };
    setenv("AWS_REGION", "eu-west-1", 1);
    assert_true(ask(server, "arn:aws:iam::1:user/team/deploy", &rights, &err));
    setenv("AWS_REGION", "us-east-1", 1);
    assert_string_equal(responder_body(server, 0),
                        "Action=SimulatePrincipalPolicy&Version=2010-05-08"
                        "&PolicySourceArn=arn%3Aaws%3Aiam%3A%3A1%3Auser%2Fteam%2Fdeploy" ASKED);
    assert_non_null(strstr(responder_body(server, 1), "&Marker=more"));
    assert_non_null(strstr(responder_request(server, 0), "/us-east-1/iam/aws4_request"));
    assert_int_equal(rights.denied.count, 1);
    assert_string_equal(rights.denied.items[0], "elasticache:CompleteMigration");
    assert_int_equal(rights.unclear.count, 0);
}

static void a_session_stands_for_its_role_and_a_condition_for_a_doubt(void **state) {
    (void)state;
    static const struct response script[] = {
        { .body = AWS_ANSWER("SimulatePrincipalPolicy",
                             RESULTS(ONE("StartMigration", "explicitDeny", "")
                                         ONE("CompleteMigration", "implicitDeny",
                                             "<MissingContextValues><member>aws:ResourceTag/team"
                                             "</member></MissingContextValues>"))) },
    };
    AUTO(responder_close) struct responder *server = responder_open(script, COUNT(script));
    AUTO(service_rights_clear) struct service_rights rights = { 0 };
    AUTO(error_clear) struct error err = { 0 };
    assert_true(ask(server, "arn:aws-cn:sts::1:assumed-role/migrator/i-0abc", &rights, &err));
    assert_non_null(strstr(responder_body(server, 0),
                           "&PolicySourceArn=arn%3Aaws-cn%3Aiam%3A%3A1%3Arole%2Fmigrator&"));
    assert_int_equal(rights.denied.count, 1);
    assert_string_equal(rights.denied.items[0], "elasticache:StartMigration");
    assert_int_equal(rights.unclear.count, 1);
    assert_string_equal(rights.unclear.items[0], "elasticache:CompleteMigration");
}

static void nobody_is_asked_about_the_root_or_a_caller_without_policies(void **state) {
    (void)state;
    static const struct response script[] = { { .status = 500 } };
    AUTO(responder_close) struct responder *server = responder_open(script, COUNT(script));
    AUTO(service_rights_clear) struct service_rights rights = { 0 };
    AUTO(error_clear) struct error err = { 0 };
    assert_true(ask(server, "arn:aws:iam::1:root", &rights, &err));
    assert_int_equal(rights.denied.count, 0);
    assert_false(ask(server, "arn:aws:sts::1:federated-user/ann", &rights, &err));
    assert_int_equal(err.code, ERROR_NOT_FOUND);
    assert_int_equal(responder_requests(server), 0);
}

/* A role with a path is not found by the name in the session. */
static void a_refusal_is_asked_for_once_and_says_what_would_help(void **state) {
    (void)state;
    static const struct response script[] = {
        { .status = 403,
          .body = AWS_REFUSAL("AccessDenied", "is not authorized to perform: "
                                              "iam:SimulatePrincipalPolicy") },
        { .status = 404, .body = AWS_REFUSAL("NoSuchEntity", "The role cannot be found.") },
    };
    AUTO(responder_close) struct responder *server = responder_open(script, COUNT(script));
    AUTO(service_rights_clear) struct service_rights rights = { 0 };
    AUTO(error_clear) struct error err = { 0 };
    assert_false(ask(server, "arn:aws:iam::1:user/deploy", &rights, &err));
    assert_int_equal(err.code, ERROR_ACCESS_DENIED);
    assert_non_null(strstr(err.hint, "iam:SimulatePrincipalPolicy"));
    assert_int_equal(responder_requests(server), 1);
    error_clear(&err);
    assert_false(ask(server, "arn:aws:sts::1:assumed-role/AWSReservedSSO_x/ann", &rights, &err));
    assert_true(error_is_remote(&err, "NoSuchEntity"));
    assert_int_equal(responder_requests(server), 2);
}

static void iam_has_one_endpoint_in_a_partition(void **state) {
    (void)state;
    static const struct {
        const char *region;
        struct endpoint_variant variant;
        const char *url, *signing_region;
    } rows[] = {
        { "eu-west-1", { 0 }, "https://iam.amazonaws.com/", "us-east-1" },
        { "eu-west-1", { .dual_stack = true }, "https://iam.amazonaws.com/", "us-east-1" },
        { "eu-west-1", { .fips = true }, "https://iam-fips.amazonaws.com/", "us-east-1" },
        { "cn-northwest-1", { 0 }, "https://iam.cn-north-1.amazonaws.com.cn/", "cn-north-1" },
        { "cn-northwest-1", { .fips = true }, NULL, "cn-north-1" },
        { "us-gov-east-1", { 0 }, "https://iam.us-gov.amazonaws.com/", "us-gov-west-1" },
        { "us-gov-east-1", { .fips = true }, "https://iam.us-gov.amazonaws.com/", "us-gov-west-1" },
        { "eusc-de-east-1", { 0 }, NULL, NULL },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        AUTO(error_clear) struct error err = { 0 };
        AUTO(endpoint_clear) struct endpoint endpoint = { 0 };
        assert_true(endpoint_of_iam(rows[i].region, rows[i].variant, &endpoint, &err));
        assert_string_equal(endpoint.url ? endpoint.url : "", rows[i].url ? rows[i].url : "");
        if (rows[i].signing_region)
            assert_string_equal(endpoint.signing_region, rows[i].signing_region);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_policies_of_a_user_are_read_in_the_region_of_iam),
        cmocka_unit_test(a_session_stands_for_its_role_and_a_condition_for_a_doubt),
        cmocka_unit_test(nobody_is_asked_about_the_root_or_a_caller_without_policies),
        cmocka_unit_test(a_refusal_is_asked_for_once_and_says_what_would_help),
        cmocka_unit_test(iam_has_one_endpoint_in_a_partition),
    };
    return cmocka_run_group_tests(tests, aws_set_environment, NULL);
}
