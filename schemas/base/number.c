#include "schemas/base/number.h"

#include <errno.h>
#include <stdlib.h>

int64_t number_clamp(int64_t value) {
    return value > NUMBER_CEILING    ? NUMBER_CEILING
           : value < -NUMBER_CEILING ? -NUMBER_CEILING
                                     : value;
}

int64_t number_of_double(double value) {
    if (value >= (double)NUMBER_CEILING)
        return NUMBER_CEILING;
    if (value <= -(double)NUMBER_CEILING)
        return -NUMBER_CEILING;
    return value == value ? (int64_t)value : 0;
}

static bool number_parse(const char *text, int64_t *out) {
    char *end;
    if (*text != '-' && (*text < '0' || *text > '9'))
        return false;
    errno = 0;
    long long value = strtoll(text, &end, 10);
    if (errno || end == text || *end || !number_is_sane(value))
        return false;
    *out = value;
    return true;
}

int64_t number_or(const char *text, int64_t fallback) {
    int64_t value;
    return text && number_parse(text, &value) ? value : fallback;
}

int64_t number_sum(int64_t one, int64_t two) {
    int64_t sum;
    if (__builtin_add_overflow(one, two, &sum))
        return one < 0 ? -NUMBER_CEILING : NUMBER_CEILING;
    return number_clamp(sum);
}

int64_t number_difference(int64_t one, int64_t two) {
    int64_t difference;
    if (__builtin_sub_overflow(one, two, &difference))
        return one < 0 ? -NUMBER_CEILING : NUMBER_CEILING;
    return number_clamp(difference);
}

int64_t number_product(int64_t one, int64_t two) {
    int64_t product;
    if (__builtin_mul_overflow(one, two, &product))
        return (one < 0) == (two < 0) ? NUMBER_CEILING : -NUMBER_CEILING;
    return number_clamp(product);
}
