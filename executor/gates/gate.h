/* A condition of a gate: one file here and one row in schemas/plan/gate_conditions.def. The plan's
 * gate lists the conditions that it needs by name. */
#pragma once

#include <stdbool.h>

#include "executor/steps/step.h"

struct gate_condition {
    const char *name;
    /* ERROR_GATE says what is waited for and who can give it; any other error is a failed step. */
    bool (*pass)(struct step_run *run, const struct plan_gate *gate, struct error *err);
};

#define GATE_CONDITION(name) extern const struct gate_condition gate_condition_##name;
#include "schemas/plan/gate_conditions.def"
#undef GATE_CONDITION
const struct gate_condition *gate_condition_find(const char *name); /* NULL: no such */
