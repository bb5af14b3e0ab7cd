/* Every key of one database, both connections being there already. What is not proven equal at the
 * first reading goes to the queue, which is worked on when it is due. */
#pragma once

#include "executor/verify/queue.h"

/* SCAN on the source: strings by their bytes, other small values by their DUMP without its version
 * and checksum, everything by its expiry. */
MUST_CHECK bool sweep_source(struct comparison *comparison, struct queue *queue, int64_t database,
                             struct error *err);
/* SCAN on the target: what the source does not hold. */
MUST_CHECK bool sweep_target(struct comparison *comparison, struct queue *queue, int64_t database,
                             struct error *err);
