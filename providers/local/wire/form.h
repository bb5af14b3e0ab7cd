/* application/x-www-form-urlencoded bodies: pure. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "schemas/base/language.h"
#include "schemas/json/pairs.h"

#define FORM_FIELD_CEILING 2000

/* False for broken escapes, NUL bytes, and more fields than the ceiling. A name given twice keeps
 * its last value. */
MUST_CHECK bool form_parse(const char *bytes, size_t length, struct pairs *out);
void form_clear(struct pairs *form);
AUTO_VALUE(struct pairs, form_clear)
/* Values of `prefix.1`, `prefix.2` … up to the first gap, e.g. of "Tags.Tag". With `field` those of
 * `prefix.1.field`. NULL past the end. */
const char *form_member(const struct pairs *form, const char *prefix, size_t number,
                        const char *field);
/* true and false as the service takes them; *present says whether it was there. */
MUST_CHECK bool form_bool(const struct pairs *form, const char *name, bool *present, bool *out);
MUST_CHECK bool form_int(const struct pairs *form, const char *name, bool *present, int64_t *out);
