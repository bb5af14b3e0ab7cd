/* A run out of the state repository, for `ecmig show RUN`. */
#pragma once

#include "cmd/migration/ballots.h"
#include "executor/record/journal.h"
#include "schemas/base/sheet.h"
#include "schemas/plan/plan.h"

struct run_story {
    const char *migration;
    const struct journal_run_files *files;
    const struct plan *plan;       /* of the run; without steps when it cannot be read */
    const struct ballots *ballots; /* its approvals */
};

const char *run_story_plan(const struct journal_run_files *files); /* its digest */
/* "orders 20261122T101500Z-3f9c: finished, ok" */
void run_story_add_title(const struct run_story *run, struct text *line);
/* Whose approvals the run relied on, by plan and gate. */
void run_story_add_approvals(const struct ballots *ballots, struct sheet *sheet);
void run_story_add_marks(const struct journal_state *state, struct sheet *sheet);
/* What the ready hooks said, and which endpoint the applications were given. */
void run_story_add_handover(const struct journal_state *state, struct sheet *sheet);
