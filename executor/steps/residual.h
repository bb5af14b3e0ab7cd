/* Keys that were written at every look of the comparison: remembered by name on this machine only,
 * and compared once writers are held. */
#pragma once

#include "executor/steps/step.h"
#include "executor/verify/verify.h"

/* Replaces what an earlier comparison of this run left. */
MUST_CHECK bool residual_remember(struct site *site, const struct verify_keys *hot,
                                  struct error *err);
MUST_CHECK bool residual_recall(struct site *site, struct verify_keys *out, struct error *err);
/* Compares them now, while nothing moves; ERROR_FAILED when one differs. */
MUST_CHECK bool residual_compare(struct step_run *run, bool detached, int64_t deadline_mono_ms,
                                 struct error *err);
/* Records a result under `name` and turns its verdict into the step's. */
MUST_CHECK bool comparison_conclude(struct step_run *run, const char *name,
                                    const struct verify_result *result, struct error *err);
/* The progress of a comparison, and whether to go on. */
bool comparison_progress(void *step_run, int64_t done, int64_t total);
