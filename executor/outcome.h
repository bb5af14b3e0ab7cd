/* What a process of a run leaves behind, as the journal and the plan tell it. */
#pragma once

#include "executor/executor.h"

/* The writers, the audit, the target: also of an earlier process's part in the cutover. */
void outcome_describe(const struct site *site, struct executor_outcome *outcome);
/* Of a plan that was carried out to its end: what the operator has to take back on the source. */
void outcome_describe_aftermath(const struct site *site, struct executor_outcome *outcome);
/* Of a run that switched: whether the fence stands now, asked of every source node. */
void outcome_read_fence(struct site *site, struct executor_outcome *outcome);
/* The audit showed that nothing escaped. Else ERROR_STEP_FAILED or ERROR_UNPROVEN, and what to do.
 */
MUST_CHECK bool outcome_is_proven(const struct site *site, const struct executor_outcome *outcome,
                                  struct error *err);
/* What was raised, set or made and not given back yet. */
void outcome_describe_left_over(const struct site *site, struct executor_outcome *outcome);
