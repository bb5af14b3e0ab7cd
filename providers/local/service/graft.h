/* A group with cluster mode as a genuine replica of a customer's cluster, without one packet on
 * that cluster's bus: its nodes are started with a nodes.conf in which they follow the customer's
 * primaries, whose bus ports are written as one that nothing listens on. */
#pragma once

#include "providers/local/machine/node.h"
#include "providers/local/state/endpoint.h"
#include "providers/redis/cluster.h"

/* Which of the customer's primaries shard i follows. */
struct graft_pairs {
    const struct cluster_member **items;
    size_t count;
    bool layout_differs; /* the group's slots have to become the customer's first */
};
/* Pure. ERROR_REFUSED for what can never be a migration: another number of shards, slots that
 * nobody serves, or that are on the move. */
MUST_CHECK bool graft_pair(const struct cluster_view *source, const struct shards *shards,
                           struct graft_pairs *out, struct error *err);
void graft_pairs_clear(struct graft_pairs *pairs);
AUTO_VALUE(struct graft_pairs, graft_pairs_clear)

/* Starts the group's nodes anew, as replicas of those that their shards' source_id names. */
MUST_CHECK bool graft_begin(struct endpoint *endpoint, struct group *group,
                            const struct cluster_view *source, struct error *err);
/* The first `count` shards serve what they replicated. */
MUST_CHECK bool graft_take_over(struct endpoint *endpoint, const struct group *group, size_t count,
                                struct error *err);
/* Forgets the customer's nodes as far as nobody follows them; true when none is known and each
 * replica follows its shard's primary. */
bool graft_settle(struct endpoint *endpoint, const struct group *group);
/* The cluster is one of its own again. */
void graft_end(struct endpoint *endpoint, const struct group *group);
