/* Asking for faults, from outside the endpoint's process. */
#pragma once

#include <stdbool.h>

#include "providers/local/fault/faults.h"

/* Asks for it; one that happens at once has begun when this returns. ERROR_USAGE for what does not
 * fit its row. */
MUST_CHECK bool local_fault(const char *dir, const struct fault *fault, struct error *err);
MUST_CHECK bool local_fault_clear(const char *dir, struct error *err);
/* An array of what is asked for and not over. */
MUST_CHECK bool local_faults(const char *dir, struct json **out, struct error *err);
