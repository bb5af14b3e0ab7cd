/* The marker of a drill: does somebody else manage the settings of the source? On every node the
 * lag limit (min-replicas-max-lag, min-slaves-max-lag before 5.0) is set to its value + 1, is read
 * back about once a second for as long as a reconcile takes, and gets its value from before again.
 * It has no effect: the server ignores the limit while min-replicas-to-write is 0, and where that
 * is not 0 no marker is set. It is of the family of the fence, which is what such programs manage.
 *
 * The record: a `drill` entry `marking` with the values before is committed before the marker is
 * set. One that a process left behind is taken off by the next process of the migration. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "executor/steps/step.h"
#include "schemas/base/language.h"

struct marker {
    char *address, *setting;
    char *before, *set;
    char *other, *found;   /* the setting that changed, and its value then; NULL: it stayed */
    int64_t found_at_ms;   /* wall time */
    int64_t back_after_ms; /* since the markers were set */
};
struct markers {
    struct marker *items; /* in the order of site->nodes */
    size_t count;
    size_t set_back; /* how many of them */
    int64_t waited_ms;
};
void markers_clear(struct markers *markers);
AUTO_VALUE(struct markers, markers_clear)

/* For `interval_ms`, or until all were set back. `out` holds what was seen, also on failure.
 * ERROR_BLOCKED, nothing set, where min-replicas-to-write is above 0; ERROR_BLOCKED where any was
 * set back. run->deadline_mono_ms is set here. */
MUST_CHECK bool marker_watch(struct step_run *run, int64_t interval_ms, struct markers *out,
                             struct error *err);
/* Gives back the values before the markers of an earlier process, of this run or of one that it
 * came after. The source is connected to only where there may be one. */
MUST_CHECK bool marker_end(struct site *site, struct error *err);
