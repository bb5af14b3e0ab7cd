/* The table of the kinds of steps, made of schemas/plan/step_kinds.def. */
#pragma once

#include <stdbool.h>

#include "executor/steps/step.h"

const struct step_runner *step_runner_of(enum step_kind kind);

/* An abort does not wait for the source. */
bool step_may_come_later(const struct plan *plan, const struct plan_step *step);
