/* The audit as the switch asks for it, before the applications move. */
#pragma once

#include "executor/steps/step.h"

/* What the source was told after the target's promotion is on the source alone: then it is better
 * that nobody moves. False when there are such writes, or may be since the fence was missing and
 * the log does not tell. A source that does not answer keeps nobody from the target. */
MUST_CHECK bool audit_before_switch(struct step_run *run, struct error *err);
