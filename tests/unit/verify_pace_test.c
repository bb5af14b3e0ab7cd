#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "executor/verify/pace.h"

static void go_on(struct pace *pace, int64_t way_us, int64_t element_ns, int trips) {
    for (int i = 0; i < trips; i++)
        pace_judge(pace, 1, pace->chunk_count,
                   way_us + element_ns * (int64_t)pace->chunk_count / 1000, 1000);
}

static void slow_elements_are_asked_for_in_small_chunks(void **state) {
    (void)state;
    struct pace pace = pace_begin();
    pace_judge(&pace, 1, 1, 100, 100);
    go_on(&pace, 100, 10000, 300);
    assert_in_range(pace.chunk_count, 100, 250);
    go_on(&pace, 100, 500, 300);
    assert_int_equal(pace.chunk_count, CHUNK_MOST_COUNT);
    go_on(&pace, 100, 1000000, 1000);
    assert_int_equal(pace.chunk_count, CHUNK_LEAST_COUNT);
}

static void a_long_way_is_no_reason_to_ask_for_less(void **state) {
    (void)state;
    struct pace pace = pace_begin();
    go_on(&pace, 80000, 500, 1000);
    assert_int_equal(pace.chunk_count, CHUNK_MOST_COUNT);
}

static void an_answer_that_is_late_now_and_then_changes_little(void **state) {
    (void)state;
    struct pace pace = pace_begin();
    go_on(&pace, 100, 500, 100);
    for (int i = 0; i < 100; i++) {
        go_on(&pace, 20000, 500, 1);
        go_on(&pace, 100, 500, 9);
    }
    assert_in_range(pace.chunk_count, 500, CHUNK_MOST_COUNT);
}

static void many_answers_at_once_are_held_to_time_and_weight(void **state) {
    (void)state;
    struct pace pace = pace_begin();
    pace_judge(&pace, 32, 16, 100, 100);
    for (int i = 0; i < 300; i++)
        pace_judge(&pace, pace.answers_count, 16, 100 + 1000 * (int64_t)pace.answers_count, 1000);
    assert_in_range(pace.answers_count, 1, 4);
    for (int i = 0; i < 300; i++)
        pace_judge(&pace, 2, 16, 102, 1000);
    assert_int_equal(pace.answers_count, ANSWERS_MOST_COUNT);
    pace_judge(&pace, 100, 16, 100, (size_t)10 << 20);
    assert_in_range(pace.answers_count, 5, 20);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slow_elements_are_asked_for_in_small_chunks),
        cmocka_unit_test(a_long_way_is_no_reason_to_ask_for_less),
        cmocka_unit_test(an_answer_that_is_late_now_and_then_changes_little),
        cmocka_unit_test(many_answers_at_once_are_held_to_time_and_weight),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
