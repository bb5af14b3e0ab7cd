/* The audit as other steps ask for it: before the applications move, and at the end. */
#pragma once

#include "executor/steps/step.h"

/* What the source was told after the target's promotion is on the source alone: then it is better
 * that nobody moves. False when there are such writes, or may be since the fence was missing and
 * the log does not tell. A source that does not answer keeps nobody from the target. */
MUST_CHECK bool audit_before_switch(struct step_run *run, struct error *err);
/* Once more at the end of the run, where the fence was found missing since the audit; the verdict
 * and its reason go to the evidence of the step. */
MUST_CHECK bool audit_at_end(struct step_run *run, struct error *err);
