/* What the effects of a step want of the group, against what it has. */
#pragma once

#include <stdbool.h>

#include "executor/steps/step.h"
#include "schemas/observed/observed.h"

/* Sends, and waits until the group is available with all that the effects want. `send` is called
 * again when its answer was lost and the group shows no trace of it. */
MUST_CHECK bool target_change(struct step_run *run,
                              bool (*send)(struct step_run *run,
                                           const struct observed_target *target, struct error *err),
                              struct error *err);
MUST_CHECK bool target_probe(struct step_run *run, bool *done, struct error *err);
