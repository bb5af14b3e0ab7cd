/* Setting a CONFIG parameter of a source node, and setting it back: the same move, other values. */
#pragma once

#include "executor/steps/step.h"

const char *setting_name(const struct plan_step *step); /* of the step's one effect */
MUST_CHECK bool setting_is(struct step_run *run, const char *wanted, bool *is, struct error *err);
MUST_CHECK bool setting_apply(struct step_run *run, const char *value, struct error *err);
/* The value now goes into the intent, so that it can be restored after any crash. */
MUST_CHECK bool setting_intend(struct step_run *run, struct json *intent, struct error *err);
