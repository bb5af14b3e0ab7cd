/* Whether a run may stand for its migration. The newest one does, but only its own name says that
 * it is the newest: anybody with push rights can add a run that looks newer than one that is open,
 * of a plan without a policy.
 *
 * So a run has to meet the policies of others than itself: where the migration file has
 * `approvals`, of every run before it that had them; else of those that are open, or were when it
 * came. It meets them when its plan is approved by the keys that the migration file names now, or
 * by those of each of these runs. `approvals` may be removed from the file after a run has ended;
 * while the run is open, the new plan has to be approved by the keys that this run's plan names. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "executor/record/approval_policy.h"
#include "providers/gitstore/gitstore.h"
#include "schemas/journal/records.h"

struct succession {
    struct gitstore *store;
    const char *migration;
    const struct approval_policy *keys; /* of the migration file; NULL, or without a file: none */
    const struct run_summaries *runs;
};

struct succession_verdict {
    char *why;  /* it may not stand for the migration: nothing is done by it; or NULL */
    char *note; /* it may, and this is worth knowing; or NULL */
};
void succession_verdict_clear(struct succession_verdict *verdict);
AUTO_VALUE(struct succession_verdict, succession_verdict_clear)
/* `index` is of succession->runs. */
MUST_CHECK bool succession_judge(const struct succession *succession, size_t index,
                                 struct succession_verdict *out, struct error *err);
/* What to do about such a run; the caller frees. */
char *succession_remedy(const struct succession *succession, size_t index);

/* May a run of this plan begin now? *missing says whose approval it lacks; NULL: it may. */
MUST_CHECK bool succession_begins(const struct succession *succession, const char *digest,
                                  char **missing, struct error *err);
/* The policy of the newest run that is open, for who approves what comes after it; out->file is
 * NULL when there is none. */
MUST_CHECK bool succession_open_policy(const struct succession *succession,
                                       struct approval_policy *out, struct error *err);
