/* Clusters that are made by writing what their nodes remember, instead of by letting them meet. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "providers/local/machine/node.h"
#include "providers/local/state/endpoint.h"
#include "schemas/base/text.h"

/* That nothing listens on. */
#define CLUSTER_DEAD_BUS_PORT 1
/* A cluster-node-timeout with which an unreachable bus counts as nothing. */
#define CLUSTER_GRAFT_TIMEOUT_MS 86400000
#define CLUSTER_NODE_TIMEOUT "15000" /* in milliseconds, the engine's own */

/* "0-5460" of shard `index` of `count`; the caller frees. */
char *cluster_equal_slots(size_t index, size_t count);

/* A line of nodes.conf. Bus port 0 is the one of this endpoint's nodes. */
struct cluster_entry {
    const char *id, *host;
    int64_t port, bus_port;
    const char *primary_id; /* of a replica, else NULL */
    int64_t epoch;
    const char *slots; /* or NULL */
};
struct cluster_entries {
    struct cluster_entry *items;
    size_t count;
};
/* The file of the node with that id. */
void cluster_page(struct text *page, const struct state *state,
                  const struct cluster_entries *entries, const char *self, int64_t epoch,
                  int version_major);
MUST_CHECK bool cluster_write(const char *dir, const struct node *node, const struct text *page,
                              struct error *err);
/* A cluster of its own: primaries serve the slots of their shards. */
MUST_CHECK bool cluster_prepare(struct endpoint *endpoint, const struct nodes *nodes,
                                const struct shards *shards, struct error *err);
/* Before a start: addresses of the endpoint's nodes may be others than last time. Missing: fine. */
MUST_CHECK bool cluster_refresh(const struct endpoint *endpoint, const struct node *node,
                                struct error *err);
/* nodes.conf with those addresses; `place` gives one for an id, or false. A dead bus stays dead. */
void cluster_replace_addresses(const char *bytes, size_t length, int64_t bus_port,
                               bool (*place)(const void *context, const char *id, char out[64]),
                               const void *context, struct text *out);
