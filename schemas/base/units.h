/* Sizes (KiB MiB GiB) and durations (ms s m h): read as people write them, shown as people read
 * them. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "schemas/base/language.h"
#include "schemas/base/text.h"

/* Both want an unsigned decimal integer with a unit ("64KiB", "10s"; a size may also be a bare
 * number of bytes); false for anything else, an overflow included. */
MUST_CHECK bool units_parse_bytes(const char *string, int64_t *bytes);
MUST_CHECK bool units_parse_duration(const char *string, int64_t *milliseconds);

void units_add_bytes(struct text *text, int64_t bytes); /* "41.2 GiB", "256 MiB", "12 bytes" */
void units_add_duration(struct text *text, int64_t milliseconds); /* "850 ms", "2 min", "3m40s" */
void units_add_count(struct text *text, int64_t count);           /* "10,000" */
char *units_bytes(int64_t bytes);                                 /* the same as owned strings */
char *units_duration(int64_t milliseconds);
char *units_count(int64_t count);
int64_t units_power_of_two_at_least(int64_t value); /* 1 for values below 2; saturates at 2^62 */
