#include "planner/hours.h"

#include <stdio.h>
#include <string.h>

#include "schemas/base/memory.h"
#include "schemas/config/window.h"

#define DAY_MINUTES 1440
#define WEEK_MINUTES (7 * DAY_MINUTES)
#define MINUTE_MS INT64_C(60000)

/* In minutes since the beginning of a cycle: a day or a week. */
struct hours {
    int from, until, cycle;
};

static bool in_hours(const struct hours *hours, int minute) {
    int at = minute % hours->cycle;
    return hours->from <= hours->until ? at >= hours->from && at < hours->until
                                       : at >= hours->from || at < hours->until;
}

static bool day_of(const char *name, int *out) {
    static const char *const days[] = { "sun", "mon", "tue", "wed", "thu", "fri", "sat" };
    for (size_t i = 0; i < COUNT(days); i++) {
        *out = (int)i;
        if (strcmp(days[i], name) == 0)
            return true;
    }
    return false;
}

static bool read_service(const char *text, struct hours *out) {
    char from_day[4], until_day[4];
    int from_hour, from, until_hour, until, first, last;
    if (sscanf(text, "%2d:%2d-%2d:%2d", &from_hour, &from, &until_hour, &until) == 4) {
        *out = (struct hours){ from_hour * 60 + from, until_hour * 60 + until, DAY_MINUTES };
        return true;
    }
    if (sscanf(text, "%3[a-z]:%2d:%2d-%3[a-z]:%2d:%2d", from_day, &from_hour, &from, until_day,
               &until_hour, &until) != 6 ||
        !day_of(from_day, &first) || !day_of(until_day, &last))
        return false;
    *out = (struct hours){ first * DAY_MINUTES + from_hour * 60 + from,
                           last * DAY_MINUTES + until_hour * 60 + until, WEEK_MINUTES };
    return true;
}

/* The middle of each minute: hours that only touch have none in common. */
bool hours_meet(const struct config_window *config, const char *hours) {
    struct window window;
    struct hours service;
    AUTO(error_clear) struct error not_read = { 0 };
    if (!hours || !window_read(config, &window, &not_read) || !read_service(hours, &service))
        return false;
    for (int minute = 0; minute < WEEK_MINUTES; minute++)
        if (in_hours(&service, minute) &&
            window_is_open(&window, minute * MINUTE_MS + MINUTE_MS / 2))
            return true;
    return false;
}
