/* The approvals of a run's plan, as `ecmig status` and `ecmig show` show them: which count, and
 * which do not. */
#pragma once

#include "cmd/migration/state.h"
#include "executor/record/tally.h"

struct ballots {
    struct approval_policy policy;
    struct judged_approvals judged;
    struct tally gate; /* of the gate that the run waits at */
    char *problem;     /* why they cannot be verified, or NULL */
};
void ballots_clear(struct ballots *ballots);
AUTO_VALUE(struct ballots, ballots_clear)

MUST_CHECK bool ballots_look(const struct state *state, const struct plan *plan,
                             const struct run_summary *run, struct ballots *out, struct error *err);
/* As they were when the run relied on them, as `ecmig log --verify` tells it. */
MUST_CHECK bool ballots_of_run(const struct state *state, const struct journal_run_files *files,
                               struct ballots *out, struct error *err);
struct json *ballots_json(const struct ballots *ballots);
