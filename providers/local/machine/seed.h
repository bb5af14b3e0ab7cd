/* Data for a source: every type, both encodings of most, expiries, two databases. The same count
 * gives the same data. */
#pragma once

#include <stdbool.h>

#include "providers/local/state/state.h"

/* Fills the source with the state's number of keys of every type, some expiring, over all its
 * shards; some in database 1 where it has no cluster mode. */
MUST_CHECK bool seed_source(const struct state *state, struct error *err);
