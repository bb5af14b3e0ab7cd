/* INFO replies: pure parsing of `field:value` lines. Absent fields are normal: services filter. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "schemas/base/error.h"
#include "schemas/base/language.h"
#include "schemas/base/strings.h"

struct info_field {
    char *name, *value;
};

struct info {
    struct info_field *items;
    size_t count;
};

/* Never fails on content: lines without a colon and comments are skipped; at most 100,000 fields.
 */
void info_parse(const char *bytes, size_t length, struct info *out);
const char *info_find(const struct info *info, const char *name); /* NULL when absent */
/* The fallback also for what is not a number, or beyond NUMBER_CEILING. */
int64_t info_version(const struct info *info); /* 100 * major + minor, as 602; 0 when absent */
int64_t info_int(const struct info *info, const char *name, int64_t fallback);
/* A value of `a=1,b=2` form: copies the value of `key` (as slave0's "offset"); NULL when absent;
 * the caller frees. */
char *info_part(const char *value, const char *key);
int64_t info_part_int(const char *value, const char *key, int64_t fallback);
void info_clear(struct info *info);
AUTO_VALUE(struct info, info_clear)
