/* Reading the source from its replicas: their histories and offsets are those of their primaries.
 */
#pragma once

#include "executor/site.h"
#include "executor/verify/pairs.h"

/* Every pair whose shard has a replica that is caught up reads the source from there, and the
 * others from the primary. The number of those that have one goes to *count. */
MUST_CHECK bool verify_read_replicas(struct site *site, struct verify_pairs *pairs, size_t *count,
                                     struct error *err);
