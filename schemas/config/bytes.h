/* Characters a migration file may hold. Private to schemas/config. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "schemas/base/language.h"
#include "schemas/config/fault.h"

/* False after a fault at the first byte that is not UTF-8 or not text. */
MUST_CHECK bool bytes_are_text(const void *bytes, size_t length, struct faults *faults);
