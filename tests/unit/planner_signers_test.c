/* The keys that may approve, as a reviewer reads them: each as ssh-keygen understands its line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "planner/planner.h"
#include "planner/signers.h"
#include "schemas/base/memory.h"
#include "tests/support/golden.h"
#include "tests/support/sight.h"

#define ANN "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHYt/gQJhWcxGpIORRbOhTu6T/OigW0RwiMMkHDPjbPk"
#define ANN_SHOWN "ED25519 SHA256:I5zHSM2eq+tJY4Ke0nhkP1TX+EgVSWbyF910mlg3/5I"
#define BOB                                                                                        \
    "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBCTL8j3kUdHVGq6tZop9" \
    "IoO6X6FmKnAl6nQ8xx/UpOcPVfQzGHhBMFSajeV71nDuLRPvoq8tS2ZCgu+6hJS3QDo="
#define BOB_SHOWN "ECDSA SHA256:4thcIkrHs30e1Jh0K4xnpGEObtVY2ysZ1j43AnVe7Y8"
#define EVE "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHHC5ZAlTbl2l39GGCam4FTlrgzsuO0lxQb5bCL+/zYh"
#define EVE_SHOWN "ED25519 SHA256:reEU8na/roxMjSM5MFvG0ERdp2S9HbiqLL8sxn0PWUI"

static void expect_word(const char *line, const char *is, const char *wanted) {
    if (!is != !wanted || (is && strcmp(is, wanted) != 0))
        fail_msg("%s: '%s', not '%s'", line, is ? is : "(none)", wanted ? wanted : "(none)");
}

static void a_line_is_read_as_ssh_keygen_reads_it(void **state) {
    (void)state;
    static const struct {
        const char *line, *principals, *options, *key;
    } rows[] = {
        { "ann@corp " ANN, "ann@corp", NULL, ANN_SHOWN },
        { "ann@corp " ANN " ann's laptop", "ann@corp", NULL, ANN_SHOWN },
        { "  ann@corp,a@corp\t" ANN, "ann@corp,a@corp", NULL, ANN_SHOWN },
        { "\"ann b@corp\" " ANN, "ann b@corp", NULL, ANN_SHOWN },
        { "*@corp cert-authority " BOB, "*@corp", "cert-authority", BOB_SHOWN },
        { "bob@corp namespaces=\"a b,c\",valid-before=\"2030\" " BOB " x", "bob@corp",
          "namespaces=\"a b,c\",valid-before=\"2030\"", BOB_SHOWN },
        /* A key in the quotes of an option is not the key of the line. */
        { "eve@corp namespaces=\"ecmig-*,\\\" " ANN " \" " EVE, "eve@corp",
          "namespaces=\"ecmig-*,\\\" " ANN " \"", EVE_SHOWN },
        { "\"eve\\\" " ANN, "eve\\", NULL, ANN_SHOWN },
        { "ann@corp", "ann@corp", NULL, NULL },
        { "ann@corp ssh-ed25519", "ann@corp", NULL, NULL },
        { "ann@corp ssh-ed25519 AAA", "ann@corp", NULL, NULL },
        { "ann@corp ssh-ed25519 ====", "ann@corp", NULL, NULL },
        { "ann@corp what " ANN " " EVE, "ann@corp", "what", ANN_SHOWN },
        { "ann@corp \"open", "ann@corp", "\"open", NULL },
        { "", "", NULL, NULL },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        AUTO(signers_line_clear) struct signers_line line = { 0 };
        signers_line_read(rows[i].line, &line);
        expect_word(rows[i].line, line.principals, rows[i].principals);
        expect_word(rows[i].line, line.options, rows[i].options);
        expect_word(rows[i].line, line.key, rows[i].key);
    }
}

static void sign(struct sight *sight) {
    string_replace(&sight->config.approvals.allowed_signers, "allowed_signers");
    string_replace(&sight->config.approvals.revoked_keys, "revoked_keys");
    sight->config.approvals.minimum = 2;
    strings_add(&sight->observed.signers.allowed, "ann@corp " ANN);
    strings_add(&sight->observed.signers.allowed, "bob@corp namespaces=\"ecmig-*\" " BOB);
}

static void make(const struct sight *sight, struct plan *plan) {
    AUTO(error_clear) struct error err = { 0 };
    assert_true(planner_plan(&sight->config, &sight->observed, PLAN_MIGRATE, plan, &err));
}

static void a_plan_that_two_people_approve(void **state) {
    (void)state;
    AUTO(sight_clear) struct sight sight;
    AUTO(plan_clear) struct plan plan = { 0 };
    sight_init(&sight);
    sign(&sight);
    sight.config.approvals.not_by_applier = true;
    strings_add(&sight.observed.signers.allowed, "eve@corp " EVE);
    strings_add(&sight.observed.signers.revoked, EVE " of a lost laptop");
    make(&sight, &plan);
    golden_expect(&plan, "plan-signed");
}

static void expect_words(const struct sight *sight, const char *wanted) {
    AUTO(plan_clear) struct plan plan = { 0 };
    make(sight, &plan);
    AUTO(string_free) char *words = signers_words(&plan.core);
    if (!words || !strstr(words, wanted))
        fail_msg("'%s' is not in: %s", wanted, words ? words : "(none)");
}

static void the_rules_are_those_of_the_file(void **state) {
    (void)state;
    AUTO(sight_clear) struct sight sight;
    AUTO(plan_clear) struct plan plan = { 0 };
    sight_init(&sight);
    make(&sight, &plan);
    assert_null(signers_words(&plan.core));
    sign(&sight);
    expect_words(&sight, "2 signed approvals are needed; journal entries need no signature; no key "
                         "is revoked; keys in 'allowed_signers':\nann@corp " ANN_SHOWN "\nbob@");
    sight.config.approvals.minimum = 1;
    sight.config.approvals.sign_entries = true;
    string_replace(&sight.observed.signers.revocation_list, "5353484b524c0a00");
    expect_words(&sight, "1 signed approval is needed; journal entries must be signed; revoked: a "
                         "revocation list (KRL) of 8 bytes;");
}

/* In a plan that was made by hand a fact may hold two lines, and ssh-keygen would read both. */
static void a_second_line_in_a_fact_is_shown(void **state) {
    (void)state;
    AUTO(sight_clear) struct sight sight;
    sight_init(&sight);
    sign(&sight);
    strings_add(&sight.observed.signers.allowed, "carl@corp " ANN " x\neve@corp " EVE);
    expect_words(&sight, "\neve@corp " EVE_SHOWN);
}

static bool shows(const struct plan *plan, const char *format, int64_t max_bytes) {
    AUTO(text_clear) struct text page = { 0 };
    const struct render_options options = { .words = "orders.yaml", .max_bytes = max_bytes };
    render_format_find(format)->render(plan, &options, &page);
    return strstr(text_string(&page), ANN_SHOWN) && strstr(text_string(&page), BOB_SHOWN);
}

static void no_page_leaves_a_key_out(void **state) {
    (void)state;
    AUTO(sight_clear) struct sight sight;
    AUTO(plan_clear) struct plan plan = { 0 };
    sight_init(&sight);
    sign(&sight);
    make(&sight, &plan);
    assert_true(shows(&plan, "text", 0));
    assert_true(shows(&plan, "markdown", 0));
    assert_true(shows(&plan, "markdown", 1));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_is_read_as_ssh_keygen_reads_it),
        cmocka_unit_test(a_plan_that_two_people_approve),
        cmocka_unit_test(the_rules_are_those_of_the_file),
        cmocka_unit_test(a_second_line_in_a_fact_is_shown),
        cmocka_unit_test(no_page_leaves_a_key_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
