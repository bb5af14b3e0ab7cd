/* The critical section: what its steps share, and the moves they are made of. The moves have the
 * names of executor/cutover/README.md; each is made by its step, in the plan's order:
 *
 *   hold      intent, hold             complete       fence, final, send, confirm
 *   catch_up  sample, hot keys         compare_still  compare
 *   switch    switch                   audit          audit
 *
 * Commits inside: intent, sending, confirmed, switch_started, lifted. Everything else is added to
 * the journal on this machine and goes with the next of them. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "executor/cutover/audit.h"
#include "executor/cutover/fence.h"
#include "executor/cutover/watch.h"
#include "executor/site/positions.h"
#include "executor/site/site.h"
#include "executor/steps/step.h"

#define SECTION_MS ((int64_t)20 * 60 * 1000) /* from send on */

struct cutover_shard {
    char *name;                     /* as in site->shards */
    struct replication_sample at;   /* sample; from final on the final position */
    struct audit_counters at_final; /* of the reply that gave the position */
    /* The fence was set again before the promotion was confirmed: of one reply right after that. */
    struct audit_counters at_reset;
    int64_t reset_offset; /* 0: it was not */
    int64_t audit_from;   /* first byte of its log that is not on the target; 0 until final */
};

struct cutover {
    char *fence;         /* our value */
    struct pairs before; /* "HOST:PORT write" and "HOST:PORT lag" -> value before */
    struct {
        struct cutover_shard *items; /* in the order of site->shards */
        size_t count;
    } shards;
    bool held, fenced, sent;
    bool interruption_said; /* that an interrupt has to wait, and what a second one does */
    struct fence_watch watch;
    int64_t held_mono_ms, renewed_mono_ms; /* of the hold */
    int64_t waited_ms;                     /* how long writers waited; -1 while it is not known */
    int64_t refused_at_ms;                 /* wall time from which writers are refused; 0 before */
    int64_t pause_deadline_mono_ms;        /* max_write_pause: bounds hold to send */
    int64_t section_deadline_mono_ms;      /* 20 minutes from send */
    int64_t event_mark_ms;
    struct json *hooks; /* what its programs said, until it is written down; NULL: nothing */
};

/* A shard of this cutover for each of the site's, in their order; does nothing when that is so.
 * ERROR_FAILED when the source has others than it had. */
MUST_CHECK bool cutover_know_shards(struct site *site, struct cutover *cutover, struct error *err);
struct cutover_shard *cutover_add_shard(struct cutover *cutover, const char *name);
/* Intent: records and pushes the compound intent with the values before; the section is open. */
MUST_CHECK bool cutover_begin(struct site *site, struct error *err);
/* First thing in a run whose section is open: brings it to a state from which the steps can
 * continue, as the recovery rules say. *lifted: writers are back on the source and the gate comes
 * again. */
MUST_CHECK bool cutover_settle(struct site *site, bool *lifted, struct error *err);
/* Gives the writers back to the source. Only before anything was sent, or after a refusal. */
MUST_CHECK bool cutover_lift(struct site *site, const char *why, struct error *err);
/* The list to which each program that is run adds what it said; and that list, if there is one,
 * handed over to a record as its "hooks". */
struct json *cutover_hooks(struct cutover *cutover);
void cutover_put_hooks(struct cutover *cutover, struct json *record);
void cutover_free(struct cutover *cutover);
AUTO_POINTER(struct cutover, cutover_free)

/* Once, as soon as somebody interrupts inside the section: what continues, until when, and what a
 * second interrupt does. */
void cutover_say_interrupted(struct site *site);
/* Sleeps between two looks within the section: keeps the hold alive; false past the deadline
 * (ERROR_DEADLINE), or when somebody insists on leaving (ERROR_ABORTED). */
MUST_CHECK bool cutover_wait(struct site *site, int64_t milliseconds, int64_t deadline_mono_ms,
                             struct error *err);
/* Hold: a pause on every primary, over by itself within 10 s unless it is renewed; or the hook
 * that stops the writers, which lasts until its undo. */
MUST_CHECK bool cutover_hold(struct site *site, struct error *err);
MUST_CHECK bool cutover_renew_hold(struct site *site, struct error *err); /* when it is time */
MUST_CHECK bool cutover_release(struct site *site, struct error *err);    /* ends the hold */
/* Runs the undo of cutover.hold for a process that did not hold itself; what it said goes to
 * `record`. */
MUST_CHECK bool cutover_start_writers(struct site *site, struct json *record, struct error *err);
MUST_CHECK bool cutover_sample(struct site *site, struct error *err); /* sample */
/* Where the target's shards are; where one shows another history than the one sampled, the source
 * is asked who continues it. */
MUST_CHECK bool cutover_look(struct site *site, struct positions *out, struct error *err);
/* Until every shard of the target has what was sampled of its source. */
MUST_CHECK bool cutover_catch_up(struct site *site, int64_t deadline_mono_ms, struct error *err);
/* What each source node says of its fence, as fence_see; connections that broke are opened anew. */
MUST_CHECK bool cutover_see_fences(struct site *site, struct fence_list *out, struct error *err);
bool cutover_fences(const struct site *site);                            /* not with writes: none */
MUST_CHECK bool cutover_fence_all(struct site *site, struct error *err); /* fence */
/* Puts the values before back where our fence stands. */
MUST_CHECK bool cutover_lift_fences(struct site *site, struct error *err);
MUST_CHECK bool cutover_final(struct site *site, struct error *err);       /* final */
MUST_CHECK bool cutover_complete(struct step_run *run, struct error *err); /* send, confirm */
