#include "schemas/base/clock.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define LAST_SHOWABLE_MS INT64_C(253402300799999) /* the end of the year 9999 */

static int64_t now_ms(clockid_t id) {
    struct timespec now;
    (void)clock_gettime(id, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t clock_wall_ms(void) {
    return now_ms(CLOCK_REALTIME);
}

int64_t clock_mono_ms(void) {
    return now_ms(CLOCK_MONOTONIC);
}

int64_t clock_boot_ms(void) {
    return now_ms(CLOCK_BOOTTIME);
}

void clock_sleep_ms(int64_t milliseconds) {
    if (milliseconds <= 0)
        return;
    struct timespec pause = { .tv_sec = (time_t)(milliseconds / 1000),
                              .tv_nsec = (long)(milliseconds % 1000) * 1000000 };
    (void)nanosleep(&pause, NULL);
}

static _Thread_local struct {
    bool (*wanted)(void *context);
    void *context;
} watch;

void clock_watch(bool (*wanted)(void *context), void *context) {
    watch.wanted = wanted;
    watch.context = context;
}

bool clock_called_off(void) {
    return watch.wanted && watch.wanted(watch.context);
}

int clock_left_ms(int64_t deadline_mono_ms) {
    int64_t left = deadline_mono_ms - clock_mono_ms();
    return left <= 0 || clock_called_off() ? 0 : left > INT_MAX ? INT_MAX : (int)left;
}

int clock_slice_ms(int64_t deadline_mono_ms) {
    int left = clock_left_ms(deadline_mono_ms);
    return watch.wanted && left > CLOCK_SLICE_MS ? CLOCK_SLICE_MS : left;
}

/* What no text has room for is shown as the nearest instant that it has room for. */
static int64_t showable(int64_t at_ms) {
    return at_ms < 0 ? 0 : at_ms > LAST_SHOWABLE_MS ? LAST_SHOWABLE_MS : at_ms;
}

static struct tm broken_down(int64_t at_ms) {
    time_t seconds = (time_t)(showable(at_ms) / 1000);
    struct tm parts = { 0 };
    (void)gmtime_r(&seconds, &parts);
    return parts;
}

void clock_format(int64_t at_ms, char out[CLOCK_TEXT_BYTES]) {
    struct tm parts = broken_down(at_ms);
    size_t length = strftime(out, CLOCK_TEXT_BYTES, "%Y-%m-%dT%H:%M:%S", &parts);
    (void)snprintf(out + length, CLOCK_TEXT_BYTES - length, ".%03dZ",
                   (int)(showable(at_ms) % 1000));
}

void clock_format_seconds(int64_t at_ms, char out[CLOCK_TEXT_BYTES]) {
    struct tm parts = broken_down(at_ms);
    (void)strftime(out, CLOCK_TEXT_BYTES, "%Y-%m-%dT%H:%M:%SZ", &parts);
}

void clock_format_compact(int64_t at_ms, char out[CLOCK_TEXT_BYTES]) {
    struct tm parts = broken_down(at_ms);
    (void)strftime(out, CLOCK_TEXT_BYTES, "%Y%m%dT%H%M%SZ", &parts);
}

static bool read_two(const char *digits, int *out) {
    if (digits[0] < '0' || digits[0] > '9' || digits[1] < '0' || digits[1] > '9')
        return false;
    *out = (digits[0] - '0') * 10 + (digits[1] - '0');
    return true;
}

/* "Z", "+00:00", "-0330", "+01", or "UTC" as older tools of AWS write it. */
static bool read_zone(const char *zone, int64_t *offset_minutes) {
    *offset_minutes = 0;
    if (strcmp(zone, "Z") == 0 || strcmp(zone, "z") == 0 || strcmp(zone, "UTC") == 0)
        return true;
    int hours = 0, minutes = 0;
    if ((*zone != '+' && *zone != '-') || !read_two(zone + 1, &hours))
        return false;
    const char *rest = zone + 3;
    if (*rest && (!read_two(rest + (*rest == ':'), &minutes) || rest[2 + (*rest == ':')]))
        return false;
    if (hours > 23 || minutes > 59)
        return false;
    *offset_minutes = (*zone == '-' ? -1 : 1) * (hours * 60 + minutes);
    return true;
}

bool clock_parse(const char *string, int64_t *at_ms) {
    struct tm parts = { 0 };
    const char *rest = strptime(string, "%Y-%m-%dT%H:%M:%S", &parts);
    if (!rest)
        return false;
    int64_t milliseconds = 0;
    if (*rest == '.') {
        int64_t scale = 100;
        for (rest++; *rest >= '0' && *rest <= '9'; rest++, scale /= 10)
            milliseconds += (*rest - '0') * scale;
    }
    int64_t offset_minutes = 0;
    if (!read_zone(rest, &offset_minutes))
        return false;
    *at_ms = ((int64_t)timegm(&parts) - offset_minutes * 60) * 1000 + milliseconds;
    return true;
}
