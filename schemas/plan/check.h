/* What the members of a plan document must be beyond their types. Private to schemas/plan. */
#pragma once

#include <stdbool.h>

#include "schemas/base/error.h"
#include "schemas/base/language.h"
#include "schemas/plan/plan.h"

/* Of a plan that has just been read from `document`, which it is left as: its configuration under
 * the rules of a migration file, every seal, every reference between steps, gates and facts. What
 * renders, runs or resumes a plan relies on all of it. ERROR_FORMAT names the first that does not
 * hold. */
MUST_CHECK bool plan_check(const struct plan *plan, struct json *document, struct error *err);
