/* What a process of a run leaves behind, as the journal and the plan tell it. */
#pragma once

#include "executor/executor.h"

/* The writers, the audit, the target: also of an earlier process's part in the cutover. */
void outcome_describe(const struct site *site, struct executor_outcome *outcome);
/* Of a plan that was carried out to its end: what the operator has to take back on the source. */
void outcome_describe_aftermath(const struct site *site, struct executor_outcome *outcome);
/* What was raised, set or made and not given back yet. */
void outcome_describe_left_over(const struct site *site, struct executor_outcome *outcome);
