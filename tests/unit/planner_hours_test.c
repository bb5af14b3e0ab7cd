/* Hours of the service against those of the cutover. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "planner/hours.h"
#include "schemas/base/memory.h"

static void hours_meet_when_they_share_a_minute(void **state) {
    (void)state;
    static const struct {
        const char *not_before, *not_after, *zone, *hours;
        bool meet;
    } rows[] = {
        { "02:00", "04:00", "UTC", "03:59-05:00", true },
        { "02:00", "04:00", "UTC", "04:00-05:00", false },
        { "02:00", "04:00", NULL, "01:00-02:00", false },
        { "22:00", "02:00", "UTC", "01:30-02:30", true },
        { "22:00", "02:00", "UTC", "23:30-00:30", true },
        { "02:00", "03:00", "UTC", "23:30-00:30", false },
        { "04:00", "06:00", "+02:00", "02:30-03:30", true },
        { "04:00", "06:00", "+02:00", "04:00-05:00", false },
        { "01:00", "02:00", "-05:30", "06:30-06:40", true },
        { "00:30", "01:00", "+02:00", "22:00-23:00", true },
        { "02:00", "04:00", "UTC", "sun:03:00-sun:04:00", true },
        { "02:00", "04:00", "UTC", "sun:04:00-sun:05:00", false },
        { "23:30", "23:50", "UTC", "sat:23:00-sun:01:00", true },
        { "00:10", "00:20", "UTC", "sat:23:00-sun:01:00", true },
        { "02:00", "04:00", "UTC", "xyz:03:00-sun:04:00", false },
        { "02:00", "04:00", "UTC", "some time", false },
        { "02:00", "04:00", "UTC", NULL, false },
        { NULL, NULL, NULL, "05:00-06:00", false },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct config_window window = { (char *)rows[i].not_before, (char *)rows[i].not_after,
                                              (char *)rows[i].zone };
        if (hours_meet(&window, rows[i].hours) != rows[i].meet)
            fail_msg("row %zu: %s", i, rows[i].hours ? rows[i].hours : "-");
    }
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(hours_meet_when_they_share_a_minute) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
