#include "schemas/config/window.h"

#include <string.h>

#define MINUTE_MS INT64_C(60000)
#define DAY_MS (24 * 60 * MINUTE_MS)

/* HH:MM, nothing else. */
static bool read_minutes(const char *text, int64_t hours_max, int64_t *out_ms) {
    static const size_t places[] = { 0, 1, 3, 4 };
    int64_t digits[COUNT(places)];
    if (!text || strlen(text) != 5 || text[2] != ':')
        return false;
    for (size_t i = 0; i < COUNT(places); i++) {
        digits[i] = text[places[i]] - '0';
        if (digits[i] < 0 || digits[i] > 9)
            return false;
    }
    int64_t hours = digits[0] * 10 + digits[1], minutes = digits[2] * 10 + digits[3];
    *out_ms = (hours * 60 + minutes) * MINUTE_MS;
    return hours <= hours_max && minutes < 60;
}

static bool read_zone(const char *zone, int64_t *ahead_ms) {
    *ahead_ms = 0;
    if (!zone || strcmp(zone, "UTC") == 0)
        return zone != NULL;
    if ((*zone != '+' && *zone != '-') || !read_minutes(zone + 1, 14, ahead_ms))
        return false;
    if (*zone == '-')
        *ahead_ms = -*ahead_ms;
    return true;
}

bool window_read(const struct config_window *config, struct window *out, struct error *err) {
    struct window window;
    if (!read_minutes(config->not_before, 23, &window.from_ms) ||
        !read_minutes(config->not_after, 23, &window.until_ms) ||
        !read_zone(config->zone, &window.ahead_ms))
        return error_set(err, ERROR_FORMAT, "cutover.window: '%s' to '%s' '%s' is not understood",
                         config->not_before ? config->not_before : "",
                         config->not_after ? config->not_after : "",
                         config->zone ? config->zone : "");
    *out = window;
    return true;
}

static int64_t time_of_day(const struct window *window, int64_t at_ms) {
    int64_t rest_ms = (at_ms + window->ahead_ms) % DAY_MS;
    return rest_ms < 0 ? rest_ms + DAY_MS : rest_ms;
}

bool window_is_open(const struct window *window, int64_t at_ms) {
    int64_t day_ms = time_of_day(window, at_ms);
    bool begun = day_ms >= window->from_ms, not_over = day_ms <= window->until_ms;
    return window->from_ms <= window->until_ms ? begun && not_over : begun || not_over;
}

int64_t window_opens_at_ms(const struct window *window, int64_t at_ms) {
    if (window_is_open(window, at_ms))
        return at_ms;
    int64_t left_ms = window->from_ms - time_of_day(window, at_ms);
    return at_ms + (left_ms < 0 ? left_ms + DAY_MS : left_ms);
}
