#include "planner/hours.h"

#include <stdio.h>
#include <string.h>

#include "schemas/base/memory.h"

#define DAY_MINUTES 1440
#define WEEK_MINUTES (7 * DAY_MINUTES)

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

/* Into UTC: "+02:00" is two hours ahead of it. */
static int to_utc(int minutes, int ahead) {
    return (minutes - ahead + 2 * DAY_MINUTES) % DAY_MINUTES;
}

static bool read_cutover(const struct config_window *window, struct hours *out) {
    int from_hour, from, until_hour, until, hours = 0, minutes = 0;
    char sign = '+';
    if (!window->not_before || !window->not_after ||
        sscanf(window->not_before, "%2d:%2d", &from_hour, &from) != 2 ||
        sscanf(window->not_after, "%2d:%2d", &until_hour, &until) != 2)
        return false;
    if (window->zone && strcmp(window->zone, "UTC") != 0 &&
        sscanf(window->zone, "%c%2d:%2d", &sign, &hours, &minutes) != 3)
        return false;
    int ahead = (sign == '-' ? -1 : 1) * (hours * 60 + minutes);
    *out = (struct hours){ to_utc(from_hour * 60 + from, ahead),
                           to_utc(until_hour * 60 + until, ahead), DAY_MINUTES };
    return true;
}

bool hours_meet(const struct config_window *window, const char *hours) {
    struct hours cutover, service;
    if (!hours || !read_cutover(window, &cutover) || !read_service(hours, &service))
        return false;
    for (int minute = 0; minute < WEEK_MINUTES; minute++)
        if (in_hours(&cutover, minute) && in_hours(&service, minute))
            return true;
    return false;
}
