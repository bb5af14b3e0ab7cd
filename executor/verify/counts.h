/* Keys and expires per database on both sides. */
#pragma once

#include "executor/verify/snapshot.h"

/* Fills the rows of the result. While the target replicates, its counts are held between two counts
 * of the source around an offset; detached, keys without an expiry must be as many on both sides.
 */
MUST_CHECK bool counts_compare(const struct verify_options *options, struct verify_result *result,
                               struct error *err);
