/* What the effects of a step want of the group, against what it has. */
#pragma once

#include <stdbool.h>

#include "executor/steps/step.h"
#include "schemas/observed/observed.h"

/* The group as it is now. ERROR_FAILED when it is on its way to nothing. */
MUST_CHECK bool target_look(struct step_run *run, struct observed_target *out, struct error *err);
/* "node_type is a, not b" of the first effect that the group does not have yet; NULL when it has
 * them all. The caller frees. */
char *target_lacks(const struct plan_step *step, const struct observed_target *target);
/* Sends, and waits until the group is available with all that the effects want. `send` is called
 * again when its answer was lost and the group shows no trace of it. */
MUST_CHECK bool target_change(struct step_run *run,
                              bool (*send)(struct step_run *run,
                                           const struct observed_target *target, struct error *err),
                              struct error *err);
MUST_CHECK bool target_probe(struct step_run *run, bool *done, struct error *err);
