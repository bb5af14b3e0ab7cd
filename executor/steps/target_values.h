/* What the effects of a step want of the group, against what it has. */
#pragma once

#include <stdbool.h>

#include "executor/steps/step.h"
#include "schemas/observed/observed.h"

struct target_order {
    bool (*send)(struct step_run *run, const struct observed_target *target, struct error *err);
    /* What no description of the group tells; NULL: the effects say it all. */
    bool (*has)(struct step_run *run, const struct observed_target *target, bool *has,
                struct error *err);
};
/* Sends, and waits until the group is available with all that the effects want. `send` is called
 * again when its answer was lost and the group shows no trace of it. */
MUST_CHECK bool target_change(struct step_run *run, const struct target_order *order,
                              struct error *err);
/* The values of the effects before the step, as "before" of the intent: an abort gives them back.
 */
MUST_CHECK bool target_intend(struct step_run *run, struct json *intent, struct error *err);
MUST_CHECK bool target_probe(struct step_run *run, bool *done, struct error *err);
