#include "providers/local/service/transit.h"

#include <stdlib.h>
#include <string.h>

#include "providers/local/machine/ask.h"
#include "providers/local/machine/authority.h"
#include "providers/local/machine/cluster.h"
#include "providers/local/machine/node.h"
#include "providers/local/machine/relay.h"
#include "providers/local/state/engines.h"
#include "providers/process/resident.h"
#include "schemas/base/clock.h"
#include "schemas/base/memory.h"

#define CHANGE_DEADLINE_MS 5000
#define FIRST_MAJOR 7 /* of both engines, to change ports and addresses of a running server */
#define SPREAD_DEADLINE_MS 8000
#define SPREAD_POLL_MS 50
#define SPREAD_TIMEOUT_MS "2000"
#define NOT_LISTENING "not listen anywhere"

/* A server with no port at all ends over it; one that was built without TLS knows no tls-port, and
 * ends over that without a word on stdout. */
bool transit_is_offered(const struct node *node) {
    const char *const words[] = { node->engine_path, "--port", "0", "--tls-port", "0", NULL };
    AUTO(string_free) char *output = NULL;
    AUTO(error_clear) struct error ignored = { 0 };
    return engine_major(node->engine_version) >= FIRST_MAJOR &&
           resident_output(words, &output, &ignored) && strstr(output, NOT_LISTENING);
}

struct talks {
    const struct node **nodes;
    struct redis_connection **items;
    size_t count;
};

static void talks_clear(struct talks *talks) {
    for (size_t i = 0; i < talks->count; i++)
        redis_close(talks->items[i]);
    free(talks->items);
    free(talks->nodes);
}
AUTO_VALUE(struct talks, talks_clear)

/* By their own ports, past the relay; those that died are started anew in the new way. */
static bool open_all(const struct endpoint *endpoint, const struct group *group,
                     struct talks *talks, struct error *err) {
    struct node_ports ports;
    node_ports_of(&endpoint->state, group_transit(group), &ports);
    talks->nodes = xcalloc(group->nodes.count + 1, sizeof(void *));
    talks->items = xcalloc(group->nodes.count + 1, sizeof(void *));
    for (size_t i = 0; i < group->nodes.count; i++) {
        const struct node *node = &group->nodes.items[i];
        if (!node_is_alive(endpoint->dir, node))
            continue;
        if (!node_open_at(&endpoint->state, node, ports.plain ? ports.plain : ports.tls,
                          !ports.plain, &talks->items[talks->count], err))
            return false;
        talks->nodes[talks->count++] = node;
    }
    return true;
}

static void add_setting(struct strings *words, const char *name, const char *value) {
    strings_add(words, name);
    strings_add(words, value);
}

static void add_number(struct strings *words, const char *name, int64_t value) {
    strings_add(words, name);
    strings_addf(words, "%lld", (long long)value);
}

static void certificate_settings(const struct endpoint *endpoint, const struct node *node,
                                 struct strings *words) {
    AUTO(string_free) char *certificate = node_file(endpoint->dir, node, "tls.pem");
    AUTO(string_free) char *key = node_file(endpoint->dir, node, "tls.key");
    add_setting(words, "tls-cert-file", certificate);
    add_setting(words, "tls-key-file", key);
    add_setting(words, "tls-ca-cert-file", endpoint->state.tls_ca_file);
    add_setting(words, "tls-auth-clients", "no");
}

static void network_settings(const struct endpoint *endpoint, const struct group *group,
                             const struct node *node, enum transit to, struct strings *words) {
    const struct state *state = &endpoint->state;
    char address[NODE_ADDRESS_BYTES];
    struct node_ports ports;
    node_address(state, node, address);
    node_ports_of(state, to, &ports);
    add_setting(words, "bind", address);
    add_setting(words, "bind-source-addr", address);
    add_number(words, "port", ports.plain);
    if (to != TRANSIT_OFF || group_transit(group) != TRANSIT_OFF) {
        add_number(words, "tls-port", ports.tls);
        add_setting(words, "tls-replication", to == TRANSIT_REQUIRED ? "yes" : "no");
    }
    if (!group->cluster)
        return;
    add_setting(words, "cluster-announce-ip", address);
    add_number(words, "cluster-announce-port", state->node_port);
    add_number(words, "cluster-announce-bus-port", state->node_port + NODE_BUS_PORT_ABOVE);
    if (to != TRANSIT_OFF)
        add_number(words, "cluster-announce-tls-port", state->node_port);
}

static void queue_settings(struct redis_connection *connection, const struct node *node,
                           const struct strings *settings) {
    const char **words = xcalloc(settings->count + 2, sizeof *words);
    AUTO(string_free) char *name = xasprintf("%sconfig", node->rename ? node->rename : "");
    words[0] = name;
    words[1] = "SET";
    for (size_t i = 0; i < settings->count; i++)
        words[2 + i] = settings->items[i];
    redis_queue(connection, settings->count + 2, words, NULL);
    free(words);
}

static bool take_all(const struct talks *talks, struct error *err) {
    bool done = true;
    redis_exchange(talks->items, talks->count, clock_mono_ms() + CHANGE_DEADLINE_MS);
    for (size_t i = 0; i < talks->count; i++) {
        AUTO(redis_reply_free) struct redis_reply *reply = NULL;
        if (!done || !redis_take(talks->items[i], &reply, err))
            done = false;
        else if (reply->type == REDIS_FAULT)
            done = error_set(err, ERROR_REFUSED, "%s: %s", talks->nodes[i]->id, reply->bytes);
    }
    return done;
}

/* What does not move anything yet: where it fails, nothing has changed. */
static bool prepare(const struct endpoint *endpoint, const struct group *group,
                    const struct talks *talks, struct error *err) {
    for (size_t i = 0; i < group->nodes.count; i++)
        if (!authority_certify(endpoint, &group->nodes.items[i], err))
            return false;
    for (size_t i = 0; i < talks->count; i++) {
        AUTO(strings_clear) struct strings settings = { 0 };
        certificate_settings(endpoint, talks->nodes[i], &settings);
        queue_settings(talks->items[i], talks->nodes[i], &settings);
    }
    return take_all(talks, err);
}

static bool change(struct endpoint *endpoint, struct group *group, const struct talks *talks,
                   enum transit to, struct error *err) {
    for (size_t i = 0; i < talks->count; i++) {
        AUTO(strings_clear) struct strings settings = { 0 };
        network_settings(endpoint, group, talks->nodes[i], to, &settings);
        queue_settings(talks->items[i], talks->nodes[i], &settings);
    }
    return take_all(talks, err);
}

static void follow_primaries(const struct endpoint *endpoint, const struct group *group) {
    for (size_t i = 0; i < group->nodes.count; i++) {
        AUTO(error_clear) struct error err = { 0 };
        char address[NODE_ADDRESS_BYTES];
        const struct node *node = &group->nodes.items[i];
        if (!node->replica || node->lost_at_ms)
            continue;
        node_address(&endpoint->state, shard_primary(&group->nodes, node->shard), address);
        if (!node_follow(&endpoint->state, node, address, endpoint->state.node_port, &err))
            endpoint_log("replica %s at its primary's new address: %s", node->id, err.message);
    }
}

static bool view_is_current(const struct state *state, const struct group *group,
                            const struct redis_reply *view) {
    for (size_t i = 0; view && i < group->nodes.count; i++) {
        AUTO(string_free) char *address = node_endpoint(state, &group->nodes.items[i]);
        AUTO(string_free)
        char *line = xasprintf("%s %s@", group->nodes.items[i].cluster_id, address);
        if (!strstr(redis_text(view), line))
            return false;
    }
    return view != NULL;
}

/* Members hear of a new address with the next ping: once a second instead of by chance, until all
 * of them send clients there. */
static void spread_addresses(const struct endpoint *endpoint, const struct group *group) {
    const struct state *state = &endpoint->state;
    const struct question question = { .words = { "CLUSTER", "NODES" } };
    int64_t deadline = clock_mono_ms() + SPREAD_DEADLINE_MS;
    AUTO(node_set_clear) struct node_set set = { 0 };
    node_set_add_all(&set, &group->nodes);
    nodes_configure(state, &group->nodes, "cluster-node-timeout", SPREAD_TIMEOUT_MS);
    for (bool current = false; !current && clock_left_ms(deadline);) {
        AUTO(answers_clear) struct answers views = { 0 };
        nodes_ask(state, set.items, set.count, &question, &views);
        current = true;
        for (size_t i = 0; i < views.count; i++)
            current = current && view_is_current(state, group, views.items[i]);
        if (!current)
            clock_sleep_ms(SPREAD_POLL_MS);
    }
    nodes_configure(state, &group->nodes, "cluster-node-timeout", CLUSTER_NODE_TIMEOUT);
}

/* Connections of clients, of which the server does not say whether they are encrypted. */
static void drop_clients(const struct talks *talks) {
    AUTO(error_clear) struct error ignored = { 0 };
    for (size_t i = 0; i < talks->count; i++) {
        redis_queue_words(talks->items[i], "CLIENT", "KILL", "TYPE", "normal", NULL);
        redis_queue_words(talks->items[i], "CLIENT", "KILL", "TYPE", "pubsub", NULL);
    }
    redis_exchange(talks->items, talks->count, clock_mono_ms() + CHANGE_DEADLINE_MS);
    for (size_t i = 0; i < 2 * talks->count; i++) {
        AUTO(redis_reply_free) struct redis_reply *reply = NULL;
        (void)!redis_take(talks->items[i / 2], &reply, &ignored);
    }
}

void transit_keep(const struct endpoint *endpoint, const struct group *group) {
    AUTO(error_clear) struct error err = { 0 };
    if (group_transit(group) != TRANSIT_PREFERRED)
        relay_end(endpoint->dir, group);
    else if (!relay_start(endpoint, group, &err))
        endpoint_log("%s: %s", group->id, err.message);
}

bool transit_move(struct endpoint *endpoint, struct group *group, enum transit to, bool moved,
                  struct error *err) {
    AUTO(talks_clear) struct talks talks = { 0 };
    AUTO(error_clear) struct error unlisted = { 0 };
    enum transit from = group_transit(group);
    if (!open_all(endpoint, group, &talks, err) ||
        (to != TRANSIT_OFF && !prepare(endpoint, group, &talks, err)))
        return false;
    relay_end(endpoint->dir, group);
    for (size_t i = 0; i < group->nodes.count; i++)
        group->nodes.items[i].moved = moved;
    bool done = change(endpoint, group, &talks, to, err);
    group->transit_encryption = to != TRANSIT_OFF;
    string_replace(&group->transit_mode, to == TRANSIT_OFF ? NULL : transit_name(to));
    endpoint->changed = true;
    transit_keep(endpoint, group);
    if (!authority_list_addresses(endpoint, &unlisted))
        endpoint_log("%s", unlisted.message);
    if (group->cluster)
        spread_addresses(endpoint, group);
    else
        follow_primaries(endpoint, group);
    if (to != from && to != TRANSIT_PREFERRED)
        drop_clients(&talks);
    return done;
}

void transit_rename(struct endpoint *endpoint, struct group *group) {
    AUTO(error_clear) struct error err = { 0 };
    const struct node *first = &group->nodes.items[0];
    if (engine_major(first->engine_version) < FIRST_MAJOR)
        error_set(&err, ERROR_REFUSED, "a server of version %s keeps its address",
                  first->engine_version);
    else if (transit_move(endpoint, group, group_transit(group), !first->moved, &err))
        return;
    endpoint_log("%s: other addresses: %s", group->id, err.message);
}

void transit_settle(struct endpoint *endpoint, struct group *group) {
    AUTO(error_clear) struct error err = { 0 };
    enum transit to = TRANSIT_OFF, from = group_transit(group);
    if (!group->wanted_transit || !transit_parse(group->wanted_transit, &to))
        return;
    bool moves = (to == TRANSIT_OFF) != (from == TRANSIT_OFF);
    bool moved = group->nodes.count && group->nodes.items[0].moved;
    if (!transit_move(endpoint, group, to, moves != moved, &err)) {
        endpoint_log("%s: transit encryption %s: %s", group->id, group->wanted_transit,
                     err.message);
        state_event(&endpoint->state, "replication-group", group->id,
                    "Modification of transit encryption failed: %s", err.message);
    }
    string_replace(&group->wanted_transit, NULL);
}
