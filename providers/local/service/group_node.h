/* A node of a group, in the role that the state gives it. */
#pragma once

#include <stdbool.h>

#include "providers/local/state/endpoint.h"

/* The zone of a region that the n-th node gets; the caller frees. */
char *zone_name(const struct group *group, int number);
/* While it migrates with cluster mode, each node of the group tries each node of the source ten
 * times a second, and none answers: of 50 shards with a replica that would be 100,000 connections a
 * second. */
bool group_is_large(const struct group *group);
MUST_CHECK bool group_node_start(struct endpoint *endpoint, struct group *group,
                                 const struct node *node, struct error *err);
