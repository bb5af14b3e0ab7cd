/* Reading the source from its replicas: their histories and offsets are those of their primaries.
 */
#pragma once

#include "executor/site/site.h"
#include "executor/verify/pairs.h"

/* Every pair whose shard has a replica that is caught up reads the source from there, and its
 * primary settles what differs. The others read the primary, and say why. */
MUST_CHECK bool verify_read_replicas(struct site *site, struct verify_pairs *pairs,
                                     struct error *err);
