/* What the files of an execution share. */
#pragma once

#include "cmd/migration/execution.h"
#include "cmd/migration/report.h"
#include "cmd/migration/session.h"
#include "schemas/journal/records.h"

struct execution {
    const struct call *call;
    enum plan_mode mode; /* of a run that this command begins */
    const struct gate_options *gates;
    struct session session;
    struct stop *stop;
    struct journal *journal;
    struct plan plan;
    struct json *facts;
    struct signing signing;
    char *actor;
    struct report *report;
    struct run_result result;
};

/* With a key where the policy of the plan wants one: for the entries of the run, and for approvals
 * by this process. */
MUST_CHECK bool execution_open_signing(struct execution *execution, struct error *err);
/* The plan, by enough approvals: recorded before, or given by the command line or the terminal now.
 * ERROR_GATE says what is missing. */
MUST_CHECK bool execution_is_approved(struct execution *execution, struct error *err);
/* The same of an open run, and of each of its gates that has passed. */
MUST_CHECK bool execution_is_still_approved(struct execution *execution,
                                            const struct journal_run_files *files,
                                            struct error *err);
/* A new run of the plan may take the place of runs before it (succession.h). ERROR_GATE. */
MUST_CHECK bool execution_may_follow(struct execution *execution, struct error *err);
