/* The migration and the abort as rows: every step of schemas/plan/step_kinds.def, in order, with
 * what its file in steps/ says of it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "planner/situation.h"
#include "planner/steps/step.h"
#include "schemas/plan/plan.h"

struct sequence_row {
    enum step_kind kind;
    const char *key; /* the name of a setting is appended by scope */
    const struct planned_step *planned;
};

const struct sequence_row *sequence_at(size_t index);          /* NULL past the last */
const struct sequence_row *sequence_find(enum step_kind kind); /* the first of its rows */
/* The row that the step is of. */
const struct sequence_row *sequence_of(const struct plan_step *step);
bool sequence_needs(const struct sequence_row *row, const struct situation *situation);
const struct plan_step *sequence_step(const struct plan_core *core, enum step_kind kind);
