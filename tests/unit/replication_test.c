#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "executor/site/replication.h"
#include "schemas/base/memory.h"

#define OURS "1111111111111111111111111111111111111111"
#define NEXT "2222222222222222222222222222222222222222"
#define ALIEN "3333333333333333333333333333333333333333"
#define NONE "0000000000000000000000000000000000000000"

static struct replication_sample sample = { .replid = (char *)(uintptr_t)OURS, .offset = 1000 };

static void read_text(const char *text, struct replication *out) {
    AUTO(server_info_clear) struct server_info server = { 0 };
    server_info_parse(text, strlen(text), &server);
    replication_read(&server, out);
}

static void a_replica_is_caught_up_only_in_the_sampled_history(void **state) {
    (void)state;
    static const struct {
        const char *text;
        bool caught_up;
    } cases[] = {
        { "role:slave\nmaster_link_status:up\nslave_repl_offset:1000\nmaster_replid:" OURS, true },
        { "role:slave\nmaster_link_status:up\nslave_repl_offset:999\nmaster_replid:" OURS, false },
        { "role:slave\nmaster_link_status:down\nslave_repl_offset:1000\nmaster_replid:" OURS,
          false },
        { "role:slave\nmaster_link_status:up\nslave_repl_offset:160913\nmaster_replid:" ALIEN,
          false },
        { "role:slave\nmaster_link_status:up\nmaster_sync_in_progress:1\nslave_repl_offset:1000\n"
          "master_replid:" OURS,
          false },
        { "role:master\nmaster_repl_offset:1000\nmaster_replid:" OURS, false },
        { "role:slave\nmaster_link_status:up\nslave_repl_offset:1000", false },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        AUTO(replication_clear) struct replication target = { 0 };
        read_text(cases[i].text, &target);
        assert_int_equal(replication_caught_up(&target, NULL, &sample), cases[i].caught_up);
    }
}

static void a_failed_over_source_continues_its_history(void **state) {
    (void)state;
    AUTO(replication_clear)
    struct replication target = { 0 }, successor = { 0 }, restarted = { 0 }, early = { 0 };
    read_text("role:slave\nmaster_link_status:up\nslave_repl_offset:1200\nmaster_replid:" NEXT,
              &target);
    read_text("role:master\nmaster_repl_offset:1200\nmaster_replid:" NEXT "\nmaster_replid2:" OURS
              "\nsecond_repl_offset:1101",
              &successor);
    read_text("role:master\nmaster_repl_offset:0\nmaster_replid:" NEXT "\nmaster_replid2:" NONE
              "\nsecond_repl_offset:-1",
              &restarted);
    read_text("role:master\nmaster_repl_offset:1200\nmaster_replid:" NEXT "\nmaster_replid2:" OURS
              "\nsecond_repl_offset:1000",
              &early);
    assert_true(replication_continues(&successor, &sample));
    assert_false(replication_continues(&restarted, &sample));
    assert_false(replication_continues(&early, &sample));
    assert_true(replication_caught_up(&target, &successor, &sample));
    assert_false(replication_caught_up(&target, NULL, &sample));
    assert_false(replication_caught_up(&target, &restarted, &sample));
}

static void a_promotion_is_believed_only_past_the_last_offset(void **state) {
    (void)state;
    static const struct {
        const char *text;
        enum promotion promotion;
    } cases[] = {
        { "role:slave\nmaster_replid:" OURS, PROMOTION_NONE },
        { "role:master\nmaster_replid:" NEXT "\nmaster_replid2:" OURS "\nsecond_repl_offset:1001",
          PROMOTION_CLEAN },
        { "role:master\nmaster_replid:" NEXT "\nmaster_replid2:" OURS "\nsecond_repl_offset:1000",
          PROMOTION_EARLY },
        { "role:master\nmaster_replid:" NEXT "\nmaster_replid2:" NONE "\nsecond_repl_offset:-1",
          PROMOTION_UNPROVEN },
        { "role:master\nmaster_replid:" NEXT "\nmaster_replid2:" ALIEN "\nsecond_repl_offset:5000",
          PROMOTION_UNPROVEN },
        { "role:master", PROMOTION_UNPROVEN },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        AUTO(replication_clear) struct replication target = { 0 };
        read_text(cases[i].text, &target);
        assert_int_equal(replication_promotion(&target, NULL, &sample), cases[i].promotion);
    }
}

static void before_4_0_the_run_id_names_the_history(void **state) {
    (void)state;
    AUTO(replication_clear) struct replication source = { 0 };
    read_text("run_id:" OURS "\nrole:master\nmaster_repl_offset:7", &source);
    assert_string_equal(source.replid, OURS);
    assert_true(replication_continues(&source, &sample));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_replica_is_caught_up_only_in_the_sampled_history),
        cmocka_unit_test(a_failed_over_source_continues_its_history),
        cmocka_unit_test(a_promotion_is_believed_only_past_the_last_offset),
        cmocka_unit_test(before_4_0_the_run_id_names_the_history),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
