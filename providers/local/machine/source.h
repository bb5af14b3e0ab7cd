/* The source that one migrates from: "standalone", "sentinel" or "cluster:N". */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "providers/local/state/endpoint.h"

MUST_CHECK bool source_kind_check(const char *kind, int64_t replicas, struct error *err);
MUST_CHECK bool source_add(struct endpoint *endpoint, const char *kind, int64_t replicas,
                           const struct engine *engine, struct error *err);
/* Starts what of it does not run. */
MUST_CHECK bool source_resume(struct endpoint *endpoint, struct error *err);
MUST_CHECK bool source_node_start(struct endpoint *endpoint, const struct node *node,
                                  struct error *err);
/* Records which node is primary now, so that a failover is not forgotten. */
void source_note_roles(struct state *state);
