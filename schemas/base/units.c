#include "schemas/base/units.h"

#include <inttypes.h>
#include <stddef.h>
#include <string.h>

struct unit {
    const char *name;
    int64_t factor;
};

static const struct unit size_units[] = {
    { "KiB", (int64_t)1 << 10 }, { "MiB", (int64_t)1 << 20 }, { "GiB", (int64_t)1 << 30 }, { "", 1 }
};
static const struct unit duration_units[] = {
    { "ms", 1 }, { "s", 1000 }, { "m", 60 * 1000 }, { "h", 60 * 60 * 1000 }
};

static bool parse(const char *string, const struct unit *units, size_t unit_count, int64_t *out) {
    int64_t value = 0;
    const char *at = string;
    if (*at < '0' || *at > '9')
        return false;
    for (; *at >= '0' && *at <= '9'; at++)
        if (__builtin_mul_overflow(value, 10, &value) ||
            __builtin_add_overflow(value, *at - '0', &value))
            return false;
    for (size_t i = 0; i < unit_count; i++) {
        int64_t scaled;
        if (strcmp(at, units[i].name) != 0 ||
            __builtin_mul_overflow(value, units[i].factor, &scaled))
            continue;
        *out = scaled;
        return true;
    }
    return false;
}

bool units_parse_bytes(const char *string, int64_t *bytes) {
    return parse(string, size_units, COUNT(size_units), bytes);
}

bool units_parse_duration(const char *string, int64_t *milliseconds) {
    return parse(string, duration_units, COUNT(duration_units), milliseconds);
}

void units_add_bytes(struct text *text, int64_t bytes) {
    static const char *const names[] = { "bytes", "KiB", "MiB", "GiB", "TiB" };
    size_t step = 0;
    int64_t whole = bytes, divisor = 1;
    while ((whole >= 1024 || whole <= -1024) && step + 1 < COUNT(names)) {
        whole /= 1024;
        divisor *= 1024;
        step++;
    }
    if (bytes % divisor == 0)
        text_addf(text, "%" PRId64 " %s", whole, names[step]);
    else
        text_addf(text, "%.1f %s", (double)bytes / (double)divisor, names[step]);
}

void units_add_duration(struct text *text, int64_t milliseconds) {
    int64_t seconds = milliseconds / 1000;
    if (milliseconds < 1000)
        text_addf(text, "%" PRId64 " ms", milliseconds);
    else if (seconds < 60 && milliseconds % 1000)
        text_addf(text, "%.1f s", (double)milliseconds / 1000.0);
    else if (seconds < 60)
        text_addf(text, "%" PRId64 " s", seconds);
    else if (seconds < 3600 && seconds % 60 == 0)
        text_addf(text, "%" PRId64 " min", seconds / 60);
    else if (seconds < 3600)
        text_addf(text, "%" PRId64 "m%02" PRId64 "s", seconds / 60, seconds % 60);
    else if (seconds % 3600 == 0)
        text_addf(text, "%" PRId64 " h", seconds / 3600);
    else
        text_addf(text, "%" PRId64 "h%02" PRId64 "m", seconds / 3600, seconds % 3600 / 60);
}

void units_add_count(struct text *text, int64_t count) {
    char digits[24];
    AUTO(text_clear) struct text plain = { 0 };
    text_addf(&plain, "%" PRIu64, count < 0 ? -(uint64_t)count : (uint64_t)count);
    if (count < 0)
        text_add_char(text, '-');
    size_t length = plain.length < sizeof digits ? plain.length : sizeof digits;
    memcpy(digits, text_string(&plain), length);
    for (size_t i = 0; i < length; i++) {
        if (i && (length - i) % 3 == 0)
            text_add_char(text, ',');
        text_add_char(text, digits[i]);
    }
}

char *units_bytes(int64_t bytes) {
    AUTO(text_clear) struct text text = { 0 };
    units_add_bytes(&text, bytes);
    return text_take(&text);
}

char *units_duration(int64_t milliseconds) {
    AUTO(text_clear) struct text text = { 0 };
    units_add_duration(&text, milliseconds);
    return text_take(&text);
}

char *units_count(int64_t count) {
    AUTO(text_clear) struct text text = { 0 };
    units_add_count(&text, count);
    return text_take(&text);
}

int64_t units_power_of_two_at_least(int64_t value) {
    int64_t power = 1;
    while (power < value && power < (int64_t)1 << 62)
        power *= 2;
    return power;
}
