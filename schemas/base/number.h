/* Numbers that somebody else wrote: a server, the service, a document. Each passes here before
 * anything is computed with it, so that no computation overflows.
 *
 * Bounded by what every reader of JSON keeps exactly. A thousand of them, and a thousand times one
 * of them, still fit into an int64_t; sums over lists of unknown length saturate. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "schemas/base/language.h"

#define NUMBER_CEILING ((int64_t)1 << 53)

static inline bool number_is_sane(int64_t value) {
    return value >= -NUMBER_CEILING && value <= NUMBER_CEILING;
}
/* The nearest that is within the ceiling. */
int64_t number_clamp(int64_t value);
int64_t number_of_double(double value); /* rounded to zero; 0 of what is not a number */
/* The whole string as a decimal number within the ceiling; `fallback` when it is none, or NULL. */
int64_t number_or(const char *text, int64_t fallback);
/* Saturate at the ceiling, for any operands. */
int64_t number_sum(int64_t one, int64_t two);
int64_t number_difference(int64_t one, int64_t two);
int64_t number_product(int64_t one, int64_t two);
