#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "executor/verify/small.h"

static enum small_outcome compare(char type, const char *here, const char *there) {
    static const struct hash_key key = { 1, 2 };
    const struct word one = word_of(here), two = word_of(there);
    return small_compare(&key, type, &one, &two);
}

static void the_order_counts_in_lists_only(void **state) {
    (void)state;
    const char *one = "*2\r\n$1\r\na\r\n$1\r\nb\r\n", *two = "*2\r\n$1\r\nb\r\n$1\r\na\r\n";
    assert_int_equal(compare('s', one, one), SMALL_EQUAL);
    assert_int_equal(compare('s', one, two), SMALL_EQUAL);
    assert_int_equal(compare('l', one, one), SMALL_EQUAL);
    assert_int_equal(compare('l', one, two), SMALL_DOUBT);
    assert_int_equal(compare('h', one, two), SMALL_DOUBT); /* field and value changed places */
}

static void a_refusal_on_both_sides_proves_nothing(void **state) {
    (void)state;
    const char *fault = "-WRONGTYPE it is another\r\n";
    for (const char *type = "shl"; *type; type++)
        assert_int_equal(compare(*type, fault, fault), SMALL_DOUBT);
    assert_int_equal(compare(0, fault, fault), SMALL_DOUBT);
    assert_int_equal(compare('s', "*0\r\n", "*0\r\n"), SMALL_GONE);
    assert_int_equal(compare('s', "*0\r\n", "*1\r\n$1\r\na\r\n"), SMALL_DOUBT);
}

static void a_dump_is_compared_without_version_and_checksum(void **state) {
    (void)state;
    assert_int_equal(compare(0, "$12\r\nab0123456789\r\n", "$12\r\nab9876543210\r\n"), SMALL_EQUAL);
    assert_int_equal(compare(0, "$12\r\nab0123456789\r\n", "$12\r\nac0123456789\r\n"), SMALL_DOUBT);
    assert_int_equal(compare(0, "$10\r\n0123456789\r\n", "$10\r\n0123456789\r\n"), SMALL_DOUBT);
    assert_int_equal(compare(0, "$-1\r\n", "$-1\r\n"), SMALL_GONE);
    assert_int_equal(compare(0, "$-1\r\n", "$12\r\nab0123456789\r\n"), SMALL_DOUBT);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_order_counts_in_lists_only),
        cmocka_unit_test(a_refusal_on_both_sides_proves_nothing),
        cmocka_unit_test(a_dump_is_compared_without_version_and_checksum),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
