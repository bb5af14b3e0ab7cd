/* The fence after the end of its run: asked of every source node again and again, outside of the
 * run, and set again where that is wanted. The record is not written. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "executor/cutover/standing.h"
#include "executor/events.h"
#include "executor/stop.h"
#include "schemas/base/error.h"
#include "schemas/base/language.h"

struct fence_guard_node {     /* as the nodes of `standing` */
    int64_t stood_at_ms;      /* wall time at which the fence was last seen; 0: not yet */
    int64_t missing_since_ms; /* 0: it is not missing */
    int64_t times, missing_ms;
    int64_t changes;           /* accepted while it was missing, as far as they were counted */
    bool uncounted;            /* there may have been more */
    int64_t changes_before;    /* the node's counter when the fence was last seen; -1: not known */
    int64_t saved_before_s;    /* and when its data was last saved then */
    bool was_replica;          /* then */
    char *run_id;              /* of the server at that time */
    char *problem;             /* that was said last */
    int64_t asked_mono_ms;     /* when a node that does not answer was last asked */
    int64_t last_lifted_at_ms; /* the time before */
};

struct fence_guard {
    const struct fence_source *source;
    struct events *events;
    struct stop *stop;
    const char *words; /* FILE, for the next command */
    bool keep;         /* set it again */
    bool once;
    int64_t every_ms;
    int64_t end_mono_ms; /* 0: until it is stopped */
    /* Whether the run is still the one whose fence must stand: asked now and then, and always
     * before something is set. ERROR_STALE ends the watch; any other error is said. */
    bool (*is_current)(void *context, struct error *err);
    void *context;
    struct fence_standing standing; /* init first */
    struct {
        struct fence_guard_node *items;
        size_t count;
    } nodes;
    int64_t looks;
};

/* Until it is stopped, or its time is over. True when the fence stood all the time and that time is
 * over. ERROR_STEP_FAILED: the source accepted changes while it was missing. ERROR_UNPROVEN: it may
 * have. ERROR_BLOCKED: a single look found it missing. ERROR_UNREACHABLE: in the end a node does
 * not answer. ERROR_INTERRUPTED, ERROR_STALE. */
MUST_CHECK bool fence_guard_watch(struct fence_guard *guard, struct error *err);
struct json *fence_guard_json(const struct fence_guard *guard); /* of each node */
void fence_guard_clear(struct fence_guard *guard);
AUTO_VALUE(struct fence_guard, fence_guard_clear)
