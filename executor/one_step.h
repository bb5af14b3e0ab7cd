/* One step of a run, tried once: probed where an earlier process began it, its intent recorded, its
 * effect made, its outcome recorded and said. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "executor/site/site.h"
#include "schemas/base/error.h"
#include "schemas/base/language.h"
#include "schemas/plan/plan.h"

/* What was said last of a gate that is waited at, and when. */
struct waiting_said {
    char *why; /* NULL before the first look */
    int64_t at_mono_ms;
};
void waiting_said_clear(struct waiting_said *said);
AUTO_VALUE(struct waiting_said, waiting_said_clear)

bool step_in_section(const struct plan_step *step); /* of the cutover: its commits are its own */
bool step_is_effect(const struct plan_step *step);  /* changes something outside */

/* False with the failure recorded as far as it can be: ERROR_GATE for a gate that waits. *acted:
 * the step was begun by this process. */
MUST_CHECK bool step_once(struct site *site, const struct plan_step *step,
                          struct waiting_said *said, bool *acted, struct error *err);
