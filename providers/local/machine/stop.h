/* Ending nodes, one or all. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "providers/local/state/state.h"

/* With its data saved, for the next start; false when it did not run. */
bool node_stop(const char *dir, const struct state *state, const struct node *node);
/* Ends all nodes of the state: replicas first, each asked to save, killed after the deadline. */
int64_t nodes_stop(const char *dir, const struct state *state);
int64_t nodes_stop_all(const char *dir, const struct state *state, const struct nodes *nodes);
/* Ends all that listen, without their pid files, and keeps no data. */
void nodes_abandon(const struct state *state);
bool any_node_lives(const char *dir, const struct state *state);
