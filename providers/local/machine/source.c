/* The source that one migrates from: what a self-hosted Redis of long standing is. Nothing in it
 * was prepared for a migration. */
#include "providers/local/machine/source.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "providers/local/machine/ask.h"
#include "providers/local/machine/cluster.h"
#include "providers/local/machine/node.h"
#include "providers/local/machine/ready.h"
#include "schemas/base/digest.h"
#include "schemas/base/memory.h"

#define SHARD_MAXIMUM 500
#define REPLICA_MAXIMUM 5
#define SENTINELS 3
#define SENTINEL_QUORUM 2
#define SENTINEL_DOWN_AFTER_MS 30000 /* as the stock configuration has it */
#define WELL_TIMEOUT_MS 60000
#define RESUME_WELL_TIMEOUT_MS 10000 /* a source with lost nodes comes back as it was: not well */

static bool is_kind(const struct state *state, const char *kind) {
    return state->source_topology && strcmp(state->source_topology, kind) == 0;
}

/* How many shards; 0 for a kind that there is not. */
static size_t shard_count(const char *kind) {
    char *end = NULL;
    if (strcmp(kind, "standalone") == 0 || strcmp(kind, "sentinel") == 0)
        return 1;
    if (strncmp(kind, "cluster:", 8) != 0 || kind[8] < '0' || kind[8] > '9')
        return 0;
    long count = strtol(kind + 8, &end, 10);
    return *end || count < 1 || count > SHARD_MAXIMUM ? 0 : (size_t)count;
}

bool source_kind_check(const char *kind, int64_t replicas, struct error *err) {
    if (!shard_count(kind)) {
        error_set(err, ERROR_USAGE, "there is no source '%s'", kind);
        return error_hint(err, "use 'standalone', 'sentinel' or 'cluster:N', with N from 1 to %d",
                          SHARD_MAXIMUM);
    }
    if (strcmp(kind, "sentinel") == 0 && replicas < 1)
        return error_set(err, ERROR_USAGE, "a source with Sentinels has at least one replica");
    return true;
}

static void add_server(struct endpoint *endpoint, const struct engine *engine, const char *id,
                       size_t shard, bool replica, bool cluster) {
    struct node *node =
        node_add(endpoint, &endpoint->state.source, id, NODE_SUBNET_SOURCE, engine, false);
    node->shard = (int64_t)shard;
    node->replica = replica;
    node->cluster_id = cluster ? random_hex(20) : NULL;
}

static void add_servers(struct endpoint *endpoint, const struct engine *engine, size_t shards,
                        int64_t replicas, bool cluster) {
    for (size_t shard = 0; shard < shards; shard++) {
        AUTO(string_free) char *slots = cluster ? cluster_equal_slots(shard, shards) : NULL;
        shards_add(&endpoint->state.source_shards, slots);
        for (int i = 0; i <= replicas; i++) {
            AUTO(string_free)
            char *id = cluster ? xasprintf("source-%04d-%03d", (int)shard + 1, i + 1)
                               : xasprintf("source-%03d", i + 1);
            add_server(endpoint, engine, id, shard, i > 0, cluster);
        }
    }
}

bool source_add(struct endpoint *endpoint, const char *kind, int64_t replicas,
                const struct engine *engine, struct error *err) {
    struct state *state = &endpoint->state;
    bool cluster = strncmp(kind, "cluster:", 8) == 0;
    state->source_topology = cluster ? xstrdup("cluster") : xstrdup(kind);
    add_servers(endpoint, engine, shard_count(kind),
                replicas < REPLICA_MAXIMUM ? replicas : REPLICA_MAXIMUM, cluster);
    for (int i = 0; is_kind(state, "sentinel") && i < SENTINELS; i++) {
        AUTO(string_free) char *id = xasprintf("sentinel-%03d", i + 1);
        struct node *node =
            node_add(endpoint, &state->sentinels, id, NODE_SUBNET_SOURCE, engine, false);
        node->sentinel = true;
        node->cluster_id = random_hex(20);
    }
    return !cluster || cluster_prepare(endpoint, &state->source, &state->source_shards, err);
}

bool source_node_start(struct endpoint *endpoint, const struct node *node, struct error *err) {
    char primary_address[16];
    struct state *state = &endpoint->state;
    const struct node *primary = shard_primary(&state->source, node->shard);
    struct node_setup setup = { .cluster = node->cluster_id != NULL };
    if (setup.cluster) {
        setup.node_timeout_ms = state->down_after_ms;
        if (!cluster_refresh(endpoint, node, err))
            return false;
    } else if (node->replica && primary) {
        node_address(state, primary, primary_address);
        setup.follow_host = primary_address;
        setup.follow_port = state->node_port;
    }
    return node_start(endpoint, node, &setup, err);
}

/* Sentinels are told of each other, so that they need not look; and anew at each start, because
 * addresses may be others then. */
static bool start_sentinel(struct endpoint *endpoint, const struct node *node, struct error *err) {
    const struct state *state = &endpoint->state;
    AUTO(text_clear) struct text page = { 0 };
    char address[16], primary[16];
    node_address(state, node, address);
    node_address(state, shard_primary(&state->source, 0), primary);
    text_addf(&page, "bind %s\nport %d\nprotected-mode no\n", address, (int)node_port(state, node));
    if (engine_major(node->engine_version) >= 7)
        text_addf(&page, "bind-source-addr %s\n", address);
    text_addf(&page, "sentinel myid %s\nsentinel announce-ip %s\n", node->cluster_id, address);
    text_addf(&page, "sentinel monitor %s %s %d %d\n", SENTINEL_MASTER_NAME, primary,
              (int)state->node_port, SENTINEL_QUORUM);
    text_addf(&page, "sentinel down-after-milliseconds %s %lld\n", SENTINEL_MASTER_NAME,
              (long long)(state->down_after_ms ? state->down_after_ms : SENTINEL_DOWN_AFTER_MS));
    for (size_t i = 0; i < state->source.count; i++) {
        if (!state->source.items[i].replica)
            continue;
        node_address(state, &state->source.items[i], address);
        text_addf(&page, "sentinel known-%s %s %s %d\n",
                  engine_major(node->engine_version) >= 5 ? "replica" : "slave",
                  SENTINEL_MASTER_NAME, address, (int)state->node_port);
    }
    for (size_t i = 0; i < state->sentinels.count; i++) {
        const struct node *other = &state->sentinels.items[i];
        if (other == node)
            continue;
        node_address(state, other, address);
        text_addf(&page, "sentinel known-sentinel %s %s %d %s\n", SENTINEL_MASTER_NAME, address,
                  (int)node_port(state, other), other->cluster_id);
    }
    return node_launch(endpoint, node, &page, err);
}

bool source_resume(struct endpoint *endpoint, struct error *err) {
    struct state *state = &endpoint->state;
    for (size_t i = 0; i < state->source.count; i++)
        if (!node_is_alive(endpoint->dir, &state->source.items[i]) &&
            !source_node_start(endpoint, &state->source.items[i], err))
            return false;
    for (size_t i = 0; i < state->sentinels.count; i++)
        if (!node_is_alive(endpoint->dir, &state->sentinels.items[i]) &&
            !start_sentinel(endpoint, &state->sentinels.items[i], err))
            return false;
    if (!nodes_wait_ready(endpoint, &state->source, err) ||
        !nodes_wait_ready(endpoint, &state->sentinels, err))
        return false;
    if (!is_kind(state, "cluster") ||
        nodes_wait_cluster(endpoint, &state->source,
                           state->seeded ? RESUME_WELL_TIMEOUT_MS : WELL_TIMEOUT_MS) ||
        state->seeded)
        return true;
    return error_set(err, ERROR_DEADLINE, "the source's cluster does not form");
}

static void note_role(struct nodes *nodes, struct node *node, const struct redis_reply *answer) {
    if (!answer || !answer->count)
        return;
    node->replica = strcmp(redis_text(answer->elements[0]), "master") != 0;
    for (size_t i = 0; !node->replica && i < nodes->count; i++)
        if (&nodes->items[i] != node && nodes->items[i].shard == node->shard)
            nodes->items[i].replica = true;
}

void source_note_roles(struct state *state) {
    AUTO(node_set_clear) struct node_set set = { 0 };
    AUTO(answers_clear) struct answers answers = { 0 };
    const struct question question = { .words = { "ROLE" } };
    node_set_add_all(&set, &state->source);
    nodes_ask(state, set.items, set.count, &question, &answers);
    for (size_t i = 0; i < answers.count; i++)
        note_role(&state->source, &state->source.items[i], answers.items[i]);
}
