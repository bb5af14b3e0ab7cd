/* Cache nodes, and the source's: redis-server processes, an address each, one port for all. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "providers/local/state/endpoint.h"
#include "providers/redis/redis.h"
#include "schemas/base/text.h"

#define NODE_SUBNET_SOURCE 1
#define NODE_SUBNET_TARGET 2
#define NODE_ANSWER_MS 500
#define NODE_BUS_PORT_ABOVE 10000 /* the engine's own choice */
/* Where a node listens while a relay has its port: transit encryption preferred. */
#define NODE_HIDDEN_PLAIN_ABOVE 1000
#define NODE_HIDDEN_TLS_ABOVE 2000
#define NODE_ADDRESS_BYTES 16
#define SENTINEL_PORT_ABOVE 20000       /* 26379 beside 6379 */
#define SENTINEL_MASTER_NAME "mymaster" /* as the stock configuration has it */

struct node_setup {
    int64_t maxmemory_bytes;      /* 0: none */
    const struct pairs *settings; /* added to redis.conf */
    const char *follow_host;      /* replicaof; NULL: a primary */
    int64_t follow_port;
    bool cluster;            /* who is whose replica is then in its nodes.conf */
    int64_t node_timeout_ms; /* of the cluster; 0: the engine's own */
    bool seldom;             /* looks for lost members once a second instead of ten times */
    bool restricted_cluster; /* a node of the service's: what its operator decides is decided */
    enum transit transit;
    const struct strings *lines; /* added to redis.conf; may be NULL */
};

void node_address(const struct state *state, const struct node *node, char out[NODE_ADDRESS_BYTES]);
/* One of its two addresses: as it was made, or moved. */
void node_place(const struct state *state, const struct node *node, bool moved,
                char out[NODE_ADDRESS_BYTES]);
int64_t node_port(const struct state *state, const struct node *node);
char *node_endpoint(const struct state *state, const struct node *node); /* the caller frees */
/* The user that nodes and the endpoint log in as, once there are users. */
#define NODE_USER "ecmig-node"
/* What a server listens on; 0: not. */
struct node_ports {
    int64_t plain, tls;
};
void node_ports_of(const struct state *state, enum transit transit, struct node_ports *out);
/* A new node of the group on the first free address. */
struct node *node_add(struct endpoint *endpoint, struct nodes *nodes, const char *id,
                      int64_t subnet, const struct engine *engine, bool restricted);
MUST_CHECK bool node_start(struct endpoint *endpoint, const struct node *node,
                           const struct node_setup *setup, struct error *err);
/* The same of any server, by its whole configuration file but for its folder. */
MUST_CHECK bool node_launch(struct endpoint *endpoint, const struct node *node, struct text *page,
                            struct error *err);
char *node_file(const char *dir, const struct node *node, const char *name); /* the caller frees */
bool node_is_alive(const char *dir, const struct node *node);
/* Data that a node saved on its way down is for the next start alone: a node that died comes back
 * empty, as the service's do. */
void node_forget_data(const char *dir, const struct node *node);
void node_kill(const char *dir, const struct node *node);
void node_signal(const char *dir, const struct node *node, int number);

/* Asks a node, over TLS and logged in where it wants that; a restricted command goes by its real
 * name. */
MUST_CHECK bool node_open(const struct state *state, const struct node *node,
                          struct redis_connection **out, struct error *err);
/* The same, at a port that it is known to have, with TLS or not. */
MUST_CHECK bool node_open_at(const struct state *state, const struct node *node, int64_t port,
                             bool tls, struct redis_connection **out, struct error *err);
MUST_CHECK bool node_follow(const struct state *state, const struct node *node, const char *host,
                            int64_t port, struct error *err); /* NULL: promote */
bool node_answers(const struct state *state, const struct node *node);
