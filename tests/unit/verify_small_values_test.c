#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "executor/verify/small_values.h"

static enum value_outcome compare(char type, const char *here, const char *there) {
    static const struct hash_key key = { 1, 2 };
    const struct word one = word_of(here), two = word_of(there);
    return small_values_compare(&key, type, &one, &two);
}

static void the_order_counts_in_lists_only(void **state) {
    (void)state;
    const char *one = "*2\r\n$1\r\na\r\n$1\r\nb\r\n", *two = "*2\r\n$1\r\nb\r\n$1\r\na\r\n";
    assert_int_equal(compare('s', one, one), VALUE_EQUAL);
    assert_int_equal(compare('s', one, two), VALUE_EQUAL);
    assert_int_equal(compare('l', one, one), VALUE_EQUAL);
    assert_int_equal(compare('l', one, two), VALUE_DOUBT);
    assert_int_equal(compare('h', one, two), VALUE_DOUBT); /* field and value changed places */
}

static void a_refusal_on_both_sides_proves_nothing(void **state) {
    (void)state;
    const char *fault = "-WRONGTYPE it is another\r\n";
    for (const char *type = "shlz"; *type; type++)
        assert_int_equal(compare(*type, fault, fault), VALUE_DOUBT);
    assert_int_equal(compare('s', "*0\r\n", "*0\r\n"), VALUE_GONE);
    assert_int_equal(compare('s', "*0\r\n", "*1\r\n$1\r\na\r\n"), VALUE_DOUBT);
}

/* 6.2 and 7.0 write 17 digits where newer versions write the shortest that come back. */
static void scores_are_numbers_however_they_are_written(void **state) {
    (void)state;
    const char *shortest = "*4\r\n$1\r\na\r\n$3\r\n0.1\r\n$1\r\nb\r\n$3\r\ninf\r\n";
    assert_int_equal(compare('z', shortest,
                             "*4\r\n$1\r\nb\r\n$3\r\ninf\r\n$1\r\na\r\n$19\r\n"
                             "0.10000000000000001\r\n"),
                     VALUE_EQUAL);
    assert_int_equal(compare('z', shortest,
                             "*4\r\n$1\r\na\r\n$19\r\n0.10000000000000002\r\n$1\r\nb\r\n"
                             "$3\r\ninf\r\n"),
                     VALUE_DOUBT);
    assert_int_equal(compare('z', "*2\r\n$1\r\na\r\n$2\r\n-0\r\n", "*2\r\n$1\r\na\r\n$1\r\n0\r\n"),
                     VALUE_EQUAL);
}

static void an_absent_key_is_gone_only_on_both_sides(void **state) {
    (void)state;
    static const struct hash_key key = { 1, 2 };
    const struct redis_token nil = { .type = REDIS_NIL };
    const struct redis_token dump = { REDIS_STRING, 0, "\0\1a0123456789", 13 };
    const struct redis_token fault = { REDIS_FAULT, 0, "ERR", 3 };
    char type;
    assert_int_equal(dump_compare(&key, &nil, &nil, &type), VALUE_GONE);
    assert_int_equal(dump_compare(&key, &nil, &dump, &type), VALUE_DOUBT);
    assert_int_equal(dump_compare(&key, &dump, &nil, &type), VALUE_DOUBT);
    assert_int_equal(dump_compare(&key, &fault, &fault, &type), VALUE_DOUBT);
    assert_int_equal(dump_compare(&key, &dump, &dump, &type), VALUE_EQUAL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_order_counts_in_lists_only),
        cmocka_unit_test(a_refusal_on_both_sides_proves_nothing),
        cmocka_unit_test(scores_are_numbers_however_they_are_written),
        cmocka_unit_test(an_absent_key_is_gone_only_on_both_sides),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
