/* The settings that the run raised on the source, at the gate. What a run set long ago may have
 * been set back since: an operator of Kubernetes reapplies its own values, a restart reads the
 * file. */
#pragma once

#include "executor/steps/step.h"

/* Reads back every setting of a step that is done. One that has its value from before the run is
 * set again, with a warning, and named in the gate's evidence: its step's intent knows how to
 * restore it. ERROR_STALE for any other value: it names the step and the value that it set. */
MUST_CHECK bool settings_stand(struct step_run *gate, struct error *err);
