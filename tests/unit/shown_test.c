/* What came from outside is shown on one line, and cannot steer a terminal or turn text around. */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "schemas/base/memory.h"
#include "schemas/base/text.h"
#include "schemas/base/utf8.h"

#define SAME(...)                                                                                  \
    do {                                                                                           \
        AUTO(text_clear) struct text page = TEXT_PAGE;                                             \
        AUTO(string_free) char *wanted = xasprintf(__VA_ARGS__);                                   \
        text_addf(&page, __VA_ARGS__);                                                             \
        assert_string_equal(text_string(&page), wanted);                                           \
    } while (0)

static void a_page_is_formatted_as_printf_does(void **state) {
    (void)state;
    SAME("no argument, 100 %%\n");
    SAME("%s and %10s and %-10s|", "a", "b", "c");
    SAME("%.3s %.*s %*s %-*s|", "abcdef", 2, "abcdef", 8, "x", 8, "y");
    SAME("%-28.4s|%8.*s|", "abcdef", 3, "ghijk");
    SAME("%d %5d %-5d| %05d %+d %i", 1, -2, 3, 4, 5, 6);
    SAME("%ld %lld %zu %" PRId64 " %" PRIu64, -1L, 2LL, (size_t)3, INT64_MIN, UINT64_MAX);
    SAME("%*d %.*d %02x %08lx %X", 6, 7, 3, 8, 255U, 0xabcdUL, 16U);
    SAME("%u %c%c %.2f %6.1f", 4000000000U, 'a', 'b', 1.005, 2.25);
}

static void an_argument_begins_no_line(void **state) {
    (void)state;
    AUTO(text_clear) struct text page = TEXT_PAGE;
    text_addf(&page, "by %s\n%-6s|\n", "ann\norders: finished\r", "a\tb");
    assert_string_equal(text_string(&page), "by ann\\x0aorders: finished\\x0d\na\tb   |\n");
    text_reset(&page);
    text_addf(&page, "%.*s|", 3, "a\nbc");
    assert_string_equal(text_string(&page), "a\\x0ab|");
}

static void what_turns_text_around_is_shown(void **state) {
    (void)state;
    static const struct {
        const char *given, *shown;
    } rows[] = {
        { "a\x1b[2Jb", "a\\x1b[2Jb" },
        { "a\xe2\x80\xae"
          "b",
          "a\\u202eb" }, /* RIGHT-TO-LEFT OVERRIDE */
        { "a\xe2\x81\xa6"
          "b",
          "a\\u2066b" }, /* LEFT-TO-RIGHT ISOLATE */
        { "a\xe2\x80\x8f"
          "b",
          "a\\u200fb" }, /* RIGHT-TO-LEFT MARK */
        { "a\xd8\x9c"
          "b",
          "a\\u061cb" }, /* ARABIC LETTER MARK */
        { "a\xc2\x85"
          "b",
          "a\\u0085b" }, /* NEXT LINE */
        { "a\xe2\x80\xa8"
          "b",
          "a\\u2028b" }, /* LINE SEPARATOR */
        { "a\xff"
          "b",
          "a\\xffb" },
        { "gr\xc3\xbc\xc3\x9f", "gr\xc3\xbc\xc3\x9f" },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        AUTO(string_free) char *page = shown_page(rows[i].given);
        AUTO(string_free) char *line = shown_line(rows[i].given);
        assert_string_equal(page, rows[i].shown);
        assert_string_equal(line, rows[i].shown);
    }
    AUTO(string_free) char *page = shown_page("a\nb\tc");
    assert_string_equal(page, "a\nb\tc");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_page_is_formatted_as_printf_does),
        cmocka_unit_test(an_argument_begins_no_line),
        cmocka_unit_test(what_turns_text_around_is_shown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
