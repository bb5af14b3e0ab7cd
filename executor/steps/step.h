/* A kind of step: one file here and one row in schemas/plan/step_kinds.def.
 *
 * The loop (executor/run.c) asks `probe` whether the step already has its effect, journals the
 * intent with what `intend` adds, calls `run`, which acts and waits until it is done, and journals
 * the outcome with the evidence. A kind whose `reads` is set changes nothing and has no intent.
 * Each function may be interrupted anywhere and called again. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "executor/site/site.h"
#include "schemas/json/json.h"
#include "schemas/plan/plan.h"

struct step_run {
    struct site *site;
    const struct plan_step *step;
    const struct json
        *intent; /* of the first attempt: the values before; NULL in intend and probe before it */
    struct json *evidence; /* what was seen; goes into the outcome */
    bool acted;            /* this process called run */
    int64_t deadline_mono_ms;
    int64_t last_progress_mono_ms, last_checkpoint_mono_ms;
};

struct step_left { /* a step of a run that stopped, and how far it got */
    const struct site *site;
    const struct plan_step *step;
    enum journal_progress progress;
    bool switched; /* the applications were told to use the target */
};

struct step_runner {
    bool reads;
    bool changes_group;  /* asks the service to make, change or delete it, which takes minutes */
    bool may_come_later; /* in an abort: the source, which it gives something back, may be away */
    /* What was raised, set or made and is not given back yet: lines for the operator. NULL:
     * nothing, or what goes for everything that changes the group. */
    void (*left_over)(const struct step_left *left, struct strings *out);
    bool (*intend)(struct step_run *run, struct json *intent, struct error *err);
    bool (*probe)(struct step_run *run, bool *done, struct error *err);
    bool (*run)(struct step_run *run, struct error *err);
};

#define STEP_KIND(symbol, name, key, section, field, effects)                                      \
    extern const struct step_runner step_##name;
#include "schemas/plan/step_kinds.def"

/* Waits within the step: false with ERROR_DEADLINE when its time is over, with ERROR_INTERRUPTED
 * when somebody wants to stop. A checkpoint is committed every five minutes, which also keeps the
 * lock. */
MUST_CHECK bool step_wait(struct step_run *run, int64_t milliseconds, struct error *err);
/* A checkpoint every five minutes, which keeps the lock: for steps that work without waiting. */
MUST_CHECK bool step_keep_lock(struct step_run *run, struct error *err);
/* At most one a second; says how far the step is. */
void step_progress(struct step_run *run, const char *format, ...) PRINTF_LIKE(2, 3);

/* Confirms the lock when the last confirmation is too old: called right before an effect is sent.
 */
MUST_CHECK bool step_may_act(struct step_run *run, struct error *err);

/* The last migration event of the group, 0 when there is none: taken before a call, so that what it
 * causes can be told from what was there. */
MUST_CHECK bool step_event_mark(struct site *site, int64_t *at_ms, struct error *err);
/* The newest event after the mark that says how a migration call ended; OTHER when there is none
 * yet. `message` is the service's own text; the caller frees. */
MUST_CHECK bool step_event_since(struct site *site, int64_t mark_ms, enum migration_event *kind,
                                 int64_t *at_ms, char **message, struct error *err);
