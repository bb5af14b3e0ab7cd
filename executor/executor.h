/* Carries out a plan, step by step, in the order of the plan, with a record before and after every
 * effect. It may be killed anywhere; running it again with the same plan resumes. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "executor/site/site.h"
#include "schemas/base/error.h"
#include "schemas/base/language.h"
#include "schemas/base/strings.h"

struct executor_options {
    const char *until; /* step id or key, or gate name, before which to stop; NULL: none */
    bool wait_at_gate; /* else a closed gate ends the process */
    /* Asked once, after an open section was settled by giving the writers back to the source: only
     * then can the environment be compared with the plan. ERROR_STALE stops the run. May be NULL.
     */
    bool (*same_world)(void *context, struct error *err);
    void *context;
};

struct executor_outcome {
    enum exit_class class;
    struct error error;       /* what ended it, when class is not ok */
    char *step_id, *step_key; /* where it stopped; NULL when all is done */
    bool changed;             /* this process had an effect on something */
    bool writers_refused;     /* the source is fenced and the applications are not on the target */
    bool group_removed;       /* by an abort: nothing of it stays */
    bool switched;            /* the applications were told to use the target */
    int64_t waited_ms, refused_ms; /* of the writers, in the cutover; -1 when unknown */
    char *audit, *audit_why;       /* verdict, or NULL; and what it rests on */
    char *target_address;
    char *endpoint, *ready;     /* words: executor/handover.h; NULL: nothing to say */
    struct strings fence_lifts; /* commands, and where: what takes the fence off */
    struct strings open_nodes;  /* of the source, that let anybody in at the end of the plan */
    struct json *kept_fence;  /* evidence of what keeps it over a restart (aftermath.h), or NULL */
    struct strings fence_now; /* sentences: of each source node, read at the end of the run */
    bool fence_stands;        /* on every source node, as of fence_now */
    struct strings evicted;   /* "1,234 keys on HOST:PORT": from the start to the promotion */
    struct strings left_over; /* sentences: what a later run still has to give back */
};
void executor_outcome_clear(struct executor_outcome *outcome);
AUTO_VALUE(struct executor_outcome, executor_outcome_clear)

/* The journal has begun or resumed a run of site->plan. Settles an open critical section first. The
 * outcome says everything; nothing is printed. */
void executor_run(struct site *site, const struct executor_options *options,
                  struct executor_outcome *outcome);

/* May an open run of this plan be resumed in the current environment? Compares the facts of the
 * plan, overlaid by the effects of the steps done, with those of now; adds "path: was, is" for each
 * difference. */
void executor_differences(const struct plan *plan, const struct journal_state *state,
                          const struct json *facts_now, struct strings *differences);
