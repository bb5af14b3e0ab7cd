#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "executor/verify/throttle.h"

#define MIB ((int64_t)1 << 20)

static void slow_answers_hold_it_back_more_and_more(void **state) {
    (void)state;
    struct throttle throttle = { .share = 20 };
    for (int i = 0; i < 10; i++)
        throttle_judge(&throttle, 200, MIB);
    assert_int_equal(throttle.back_off_ms, 0);
    int64_t last_ms = 0;
    for (int i = 0; i < 10; i++) {
        throttle_judge(&throttle, 20000, MIB);
        assert_true(throttle.back_off_ms > last_ms || throttle.back_off_ms == 2000);
        last_ms = throttle.back_off_ms;
    }
    for (int i = 0; i < 12; i++)
        throttle_judge(&throttle, 300, MIB);
    assert_int_equal(throttle.back_off_ms, 0);
}

static void what_is_kept_for_replicas_may_not_grow(void **state) {
    (void)state;
    struct throttle throttle = { .share = 20 };
    throttle_judge(&throttle, 200, 64 * MIB);
    throttle_judge(&throttle, 200, 70 * MIB);
    assert_int_equal(throttle.back_off_ms, 0);
    throttle_judge(&throttle, 200, 90 * MIB);
    assert_true(throttle.back_off_ms > 0);
}

static void a_source_that_became_slower_for_good_is_the_usual_one_in_the_end(void **state) {
    (void)state;
    struct throttle throttle = { .share = 20 };
    throttle_judge(&throttle, 1000, 0);
    for (int i = 0; i < 100; i++)
        throttle_judge(&throttle, 12000, 0);
    throttle_judge(&throttle, 12000, 0);
    assert_true(throttle.back_off_ms < 2000);
}

static void the_share_is_kept_by_waiting(void **state) {
    (void)state;
    struct throttle throttle = { .share = 20 }, none = { .share = 100 };
    int64_t from_us = throttle_now_us();
    for (int i = 0; i < 10; i++)
        throttle_spent(&throttle, 1000);
    assert_true(throttle_now_us() - from_us >= 40000 - 2000);
    throttle_spent(&none, INT64_MAX / 200);
    assert_int_equal(none.debt_us, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slow_answers_hold_it_back_more_and_more),
        cmocka_unit_test(what_is_kept_for_replicas_may_not_grow),
        cmocka_unit_test(a_source_that_became_slower_for_good_is_the_usual_one_in_the_end),
        cmocka_unit_test(the_share_is_kept_by_waiting),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
