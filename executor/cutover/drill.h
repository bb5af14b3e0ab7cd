/* A rehearsal of what writers will feel: gate to sample of the cutover, then release. Nothing
 * is fenced and nothing is sent; a pause that a dead process leaves behind ends by itself within
 * 10 s, and writers that a hook has stopped are started by the next process of the run.
 *
 * The record: two `drill` entries in the journal of the open run, one committed before the writers
 * are held and one after. No run of its own: history and resume go by the newest run, which must
 * stay the one that is under way. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "executor/cutover/marker.h"
#include "executor/site/site.h"
#include "schemas/base/error.h"
#include "schemas/base/language.h"

struct drill {
    int64_t waited_ms;    /* writers, from the first held to the last released */
    int64_t caught_up_ms; /* of these, until the target had everything */
    int64_t lag_bytes;    /* of the target when the writers were held, at most */
};

/* site->journal continues an open run. ERROR_BLOCKED (nothing was touched) where nothing
 * replicates, where writers cannot be held, and where the gate would not open. With `reconcile_ms`
 * above 0 markers are watched for so long first (marker.h); no writer is held where one was set
 * back. */
MUST_CHECK bool cutover_drill(struct site *site, int64_t reconcile_ms, struct markers *markers,
                              struct drill *out, struct error *err);
/* First thing in a process that resumes a run: releases what a drill left held, and takes off
 * the marker that it left. */
MUST_CHECK bool cutover_end_drill(struct site *site, struct error *err);
