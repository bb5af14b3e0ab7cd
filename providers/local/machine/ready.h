/* Waiting until nodes that were started can be used. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "providers/local/state/endpoint.h"

/* Until all of them answer; then what they saved on the way down is forgotten. */
MUST_CHECK bool nodes_wait_ready(struct endpoint *endpoint, const struct nodes *nodes,
                                 struct error *err);
/* Until each says that its whole cluster is well; false at the deadline. */
bool nodes_wait_cluster(struct endpoint *endpoint, const struct nodes *nodes, int64_t timeout_ms);
