/* Places of a plan that a command line names. A word that is mistyped must neither carry a
 * migration past the place where somebody wanted it to stop nor leave a gate shut that was meant to
 * open. */
#pragma once

#include <stdbool.h>

#include "schemas/base/error.h"
#include "schemas/plan/plan.h"

/* ERROR_USAGE unless the plan has a gate of that name; it has NULL. */
MUST_CHECK bool gates_has(const struct plan *plan, const char *gate, struct error *err);
/* ERROR_USAGE unless a run may stop before that step (id or key) or gate: the critical section is
 * begun and ended in one go. NULL is fine. */
MUST_CHECK bool gates_may_stop(const struct plan *plan, const char *until, struct error *err);
