#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "schemas/base/clock.h"
#include "schemas/base/memory.h"
#include "schemas/config/window.h"

static struct window window_of(const char *from, const char *until, const char *zone) {
    AUTO(error_clear) struct error err = { 0 };
    AUTO(string_free) char *from_text = xstrdup(from), *until_text = xstrdup(until);
    AUTO(string_free) char *zone_text = xstrdup(zone);
    const struct config_window config = { from_text, until_text, zone_text };
    struct window window = { 0 };
    assert_true(window_read(&config, &window, &err));
    return window;
}

static int64_t at(const char *text) {
    int64_t at_ms = 0;
    assert_true(clock_parse(text, &at_ms));
    return at_ms;
}

static void assert_opens(const struct window *window, const char *now, const char *opens) {
    char seen[CLOCK_TEXT_BYTES];
    clock_format_seconds(window_opens_at_ms(window, at(now)), seen);
    assert_string_equal(seen, opens);
    assert_int_equal(window_is_open(window, at(now)), at(now) == at(opens));
}

static void it_is_open_from_its_first_to_its_last_minute(void **state) {
    (void)state;
    const struct window window = window_of("02:00", "04:30", "UTC");
    assert_opens(&window, "2026-11-22T01:59:59Z", "2026-11-22T02:00:00Z");
    assert_opens(&window, "2026-11-22T02:00:00Z", "2026-11-22T02:00:00Z");
    assert_opens(&window, "2026-11-22T04:30:00Z", "2026-11-22T04:30:00Z");
    assert_opens(&window, "2026-11-22T04:30:01Z", "2026-11-23T02:00:00Z");
    assert_opens(&window, "2026-12-31T23:00:00Z", "2027-01-01T02:00:00Z");
}

static void it_may_last_over_midnight(void **state) {
    (void)state;
    const struct window window = window_of("22:00", "01:00", "UTC");
    assert_opens(&window, "2026-11-22T21:00:00Z", "2026-11-22T22:00:00Z");
    assert_opens(&window, "2026-11-22T23:59:59Z", "2026-11-22T23:59:59Z");
    assert_opens(&window, "2026-11-23T00:00:00Z", "2026-11-23T00:00:00Z");
    assert_opens(&window, "2026-11-23T01:00:01Z", "2026-11-23T22:00:00Z");
}

static void an_offset_moves_it(void **state) {
    (void)state;
    const struct window east = window_of("02:00", "04:00", "+05:30");
    assert_opens(&east, "2026-11-22T20:00:00Z", "2026-11-22T20:30:00Z");
    assert_opens(&east, "2026-11-22T21:00:00Z", "2026-11-22T21:00:00Z");
    assert_opens(&east, "2026-11-22T23:00:00Z", "2026-11-23T20:30:00Z");
    const struct window west = window_of("23:00", "23:30", "-08:00");
    assert_opens(&west, "2026-11-22T06:00:00Z", "2026-11-22T07:00:00Z");
    assert_opens(&west, "1969-12-31T08:00:00Z", "1970-01-01T07:00:00Z");
}

static void what_is_no_time_or_zone_is_refused(void **state) {
    (void)state;
    static const char *const bad[][3] = {
        { "24:00", "04:00", "UTC" }, { "02:00", "04:60", "UTC" },    { "2:00", "04:00", "UTC" },
        { "02:00", "04-00", "UTC" }, { "02:00", "04:00", "CET" },    { "02:00", "04:00", "+15:00" },
        { "02:00", "04:00", "+2" },  { "02:00", "04:00", "02:00" },  { "02:00", "04:00", "" },
        { "0a:00", "04:00", "UTC" }, { "02:00", "04:00", "+02:000" }
    };
    for (size_t i = 0; i < COUNT(bad); i++) {
        AUTO(error_clear) struct error err = { 0 };
        AUTO(string_free) char *from = xstrdup(bad[i][0]), *until = xstrdup(bad[i][1]);
        AUTO(string_free) char *zone = xstrdup(bad[i][2]);
        const struct config_window config = { from, until, zone };
        struct window window;
        assert_false(window_read(&config, &window, &err));
        assert_int_equal(err.code, ERROR_FORMAT);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_open_from_its_first_to_its_last_minute),
        cmocka_unit_test(it_may_last_over_midnight),
        cmocka_unit_test(an_offset_moves_it),
        cmocka_unit_test(what_is_no_time_or_zone_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
