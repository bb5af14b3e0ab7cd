/* Comparing source and target within a step, and what it leaves for later: keys that were written
 * at every look are remembered by name, on this machine only, and compared once writers are held.
 */
#pragma once

#include "executor/steps/step.h"

/* The comparison that the file asks for, recorded; ERROR_FAILED when the two differ. */
MUST_CHECK bool comparison_run(struct step_run *run, const struct config_verify_step *asked,
                               bool detached, struct error *err);
/* Compares what stayed hot, now that nothing moves. */
MUST_CHECK bool comparison_of_hot_keys(struct step_run *run, bool detached,
                                       int64_t deadline_mono_ms, struct error *err);
