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
#define NODE_BUS_PORT_ABOVE 10000       /* the engine's own choice */
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
};

void node_address(const struct state *state, const struct node *node, char out[16]);
int64_t node_port(const struct state *state, const struct node *node);
char *node_endpoint(const struct state *state, const struct node *node); /* the caller frees */
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

/* Asks a node; a restricted command goes by its real name. */
MUST_CHECK bool node_open(const struct state *state, const struct node *node,
                          struct redis_connection **out, struct error *err);
MUST_CHECK bool node_follow(const struct state *state, const struct node *node, const char *host,
                            int64_t port, struct error *err); /* NULL: promote */
bool node_answers(const struct state *state, const struct node *node);
