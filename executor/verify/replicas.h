/* Which servers are compared. The source may be read from its replicas: their histories and offsets
 * are those of their primaries. */
#pragma once

#include "executor/site/positions.h"
#include "executor/site/site.h"
#include "executor/verify/pairs.h"

/* Of each shard its primary, and the node of the target that speaks for it. */
void verify_pairs_of(const struct site *site, const struct positions *seen,
                     struct verify_pairs *out);
/* Every pair whose shard has a replica that is caught up reads the source from there, and its
 * primary settles what differs. The others read the primary, and say why. */
MUST_CHECK bool verify_read_replicas(struct site *site, struct verify_pairs *pairs,
                                     struct error *err);
