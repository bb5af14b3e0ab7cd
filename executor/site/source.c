/* The source's servers: found once, taken over from the previous lock holder, kept connected.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "executor/site/followers.h"
#include "executor/site/mark.h"
#include "executor/site/site.h"
#include "providers/observe/discover.h"
#include "providers/observe/service_address.h"
#include "providers/redis/clients.h"
#include "providers/redis/server.h"
#include "schemas/base/clock.h"
#include "schemas/base/memory.h"
#include "schemas/observed/mark.h"

static char *connection_name(const struct site *site) {
    return site->journal ? mark_connection(journal_epoch(site->journal), journal_run(site->journal))
                         : xstrdup("ecmig-look");
}

/* The holder of the lock ends the connections of its earlier holders. `own` is 0 on a server
 * without CLIENT ID (before 5.0), where SKIPME spares ours: each server is connected to once. */
static bool end_earlier_connections(struct redis_connection *node, const struct clients *clients,
                                    int64_t own, struct error *err) {
    for (size_t i = 0; i < clients->count; i++) {
        const struct client *client = &clients->items[i];
        AUTO(string_free) char *run = mark_connection_run(client->name);
        AUTO(string_free) char *id = xasprintf("%" PRId64, client->id);
        AUTO(redis_reply_free) struct redis_reply *reply = NULL;
        if (run && client->id && client->id != own &&
            !redis_call(node, REDIS_NOW, &reply, err, "CLIENT", "KILL", "ID", id, "SKIPME", "yes",
                        NULL))
            return false;
    }
    return true;
}

/* Who is connected to a node, as it was asked when it was opened. */
struct company {
    struct clients clients;
    int64_t own_id; /* 0: the server does not tell */
};

static bool read_company(struct site_node *node, struct company *out, struct error *err) {
    AUTO(redis_reply_free) struct redis_reply *own = NULL, *clients = NULL, *server = NULL;
    struct redis_connection *connection = node->connection;
    if (!redis_take(connection, &own, err) || !redis_take(connection, &clients, err) ||
        !redis_take(connection, &server, err))
        return false;
    if (clients->type == REDIS_FAULT || server->type == REDIS_FAULT)
        return error_set(err, ERROR_REFUSED, "'%s': %s", node->address,
                         clients->type == REDIS_FAULT ? clients->bytes : server->bytes);
    AUTO(server_info_clear) struct server_info said = { 0 };
    server_info_read(server, &said);
    node->version = said.version;
    out->own_id = own->type == REDIS_INTEGER ? own->integer : 0;
    clients_read(clients, &out->clients);
    return true;
}

/* All are looked at before any connection is ended: of a run on another record none is. */
static bool take_over(struct site *site, struct company *companies, struct error *err) {
    for (size_t i = 0; i < site->nodes.count; i++)
        if (!read_company(&site->nodes.items[i], &companies[i], err))
            return error_wrap(err, "source node '%s'", site->nodes.items[i].address);
    for (size_t i = 0; i < site->nodes.count; i++)
        if (!mark_clients(site, site->nodes.items[i].address, &companies[i].clients, err))
            return false;
    for (size_t i = 0; i < site->nodes.count; i++)
        if (!end_earlier_connections(site->nodes.items[i].connection, &companies[i].clients,
                                     companies[i].own_id, err))
            return error_wrap(err, "source node '%s'", site->nodes.items[i].address);
    return true;
}

static bool take_all_over(struct site *site, struct error *err) {
    AUTO(many_clear) struct many nodes = { 0 };
    site_list(site, SITE_NODES, &nodes);
    for (size_t i = 0; i < nodes.count; i++) {
        redis_queue_words(nodes.items[i], "CLIENT", "ID", NULL);
        redis_queue_words(nodes.items[i], "CLIENT", "LIST", NULL);
        redis_queue_words(nodes.items[i], "INFO", "server", NULL);
    }
    redis_exchange(nodes.items, nodes.count, site_deadline(site));
    struct company *companies = xcalloc(nodes.count, sizeof *companies);
    bool fine = take_over(site, companies, err);
    for (size_t i = 0; i < nodes.count; i++)
        clients_clear(&companies[i].clients);
    free(companies);
    return fine;
}

static void add_node(struct site *site, const char *address, size_t shard, bool is_primary) {
    *LIST_ADD(&site->nodes) =
        (struct site_node){ .address = xstrdup(address), .shard = shard, .is_primary = is_primary };
}

static void learn_shards(struct site *site) {
    for (size_t i = 0; i < site->topology.count; i++) {
        const struct topology_shard *shard = &site->topology.items[i];
        *LIST_ADD(&site->shards) = (struct site_shard){ .slots = shard->slots,
                                                        .name = slots_text(&shard->slots),
                                                        .primary = site->nodes.count };
        add_node(site, shard->primary, i, true);
        for (size_t r = 0; r < shard->replicas.count; r++)
            add_node(site, shard->replicas.items[r], i, false);
        for (size_t r = 0; r < shard->others.count; r++)
            add_node(site, shard->others.items[r], i, false);
    }
}

static void forget_source(struct site *site) {
    struct site known = { .nodes = site->nodes, .shards = site->shards };
    struct site empty = { 0 };
    site->nodes = empty.nodes;
    site->shards = empty.shards;
    topology_clear(&site->topology);
    site_close(&known);
}

/* The target's own nodes are not replicas of the source; a group that is not there yet has none. */
static bool learn_target(struct site *site, struct error *err) {
    AUTO(replication_group_clear) struct replication_group group = { 0 };
    if (site_describe_target(site, &group, err))
        return true;
    if (err->code != ERROR_NOT_FOUND)
        return false;
    error_clear(err);
    return true;
}

static bool open_all(struct site *site, struct error *err) {
    AUTO(string_free) char *name = connection_name(site);
    AUTO(strings_clear) struct strings addresses = { 0 };
    AUTO(many_clear) struct many opened = { 0 };
    for (size_t i = 0; i < site->nodes.count; i++)
        strings_add(&addresses, site->nodes.items[i].address);
    bool fine = site_dial(site, &addresses, name, true, &opened, err);
    for (size_t i = 0; i < opened.count; i++)
        site->nodes.items[i].connection = opened.items[i];
    return fine || error_wrap(err, "source");
}

/* Of the servers that the plan does not know. One that does not tell its settings is taken to be
 * known by one address. */
static bool learn_service_addresses(struct site *site, struct error *err) {
    AUTO(many_clear) struct many asked = { 0 };
    for (size_t i = 0; i < site->nodes.count; i++)
        if (!site->nodes.items[i].planned_run_id)
            many_add(&asked, site->nodes.items[i].connection);
    for (size_t i = 0; i < asked.count; i++)
        redis_queue_words(asked.items[i], "CONFIG", "GET", "port", NULL);
    redis_exchange(asked.items, asked.count, site_deadline(site));
    for (size_t i = 0; i < site->nodes.count; i++) {
        struct site_node *node = &site->nodes.items[i];
        AUTO(redis_reply_free) struct redis_reply *reply = NULL;
        if (node->planned_run_id)
            continue;
        if (!redis_take(node->connection, &reply, err))
            return error_wrap(err, "source node '%s'", node->address);
        node->service_address = service_address_of(node->address, server_setting(reply, "port"));
    }
    return true;
}

/* Both are in the order of the shards, or nearly so. */
void site_learn_planned(struct site *site) {
    const struct json *facts = site->plan->core.observed.facts;
    for (size_t i = 0;; i++) {
        AUTO(string_free) char *address = xasprintf("source.nodes[%zu].address", i);
        AUTO(string_free) char *run_id = xasprintf("source.nodes[%zu].run_id", i);
        AUTO(string_free) char *told = xasprintf("source.nodes[%zu].service_address", i);
        const char *planned = json_find_string(facts, address);
        if (!planned)
            return;
        for (size_t n = 0; n < site->nodes.count; n++) {
            struct site_node *node = &site->nodes.items[(i + n) % site->nodes.count];
            if (strcmp(node->address, planned) != 0)
                continue;
            node->planned_run_id = json_find_string(facts, run_id);
            string_replace(&node->service_address, json_find_string(facts, told));
            break;
        }
    }
}

static bool open_source(struct site *site, struct error *err) {
    if (!learn_target(site, err))
        return false;
    const struct discovery discovery = {
        .source = &site->config->source,
        .password = site->source_password,
        .tls = site->source_tls,
        .not_these = &site->target_nodes,
        .deadline_mono_ms = site_deadline(site),
    };
    if (!topology_discover(&discovery, &site->topology, err))
        return false;
    learn_shards(site);
    if (site->plan)
        site_learn_planned(site);
    if (!followers_are_the_targets(site, err))
        return false;
    return open_all(site, err) && (!site->source_tls || learn_service_addresses(site, err)) &&
           (!site->journal || take_all_over(site, err));
}

/* Another record's run may have ended them, which the lock of this one does not show. */
static bool nobody_else(struct site *site, struct site_node *const *nodes, size_t count,
                        struct error *err) {
    for (size_t i = 0; i < count; i++) {
        AUTO(redis_reply_free) struct redis_reply *reply = NULL;
        AUTO(clients_clear) struct clients clients = { 0 };
        if (!redis_call(nodes[i]->connection, REDIS_NOW, &reply, err, "CLIENT", "LIST", NULL))
            return false;
        clients_read(reply, &clients);
        if (!mark_clients(site, nodes[i]->address, &clients, err))
            return false;
    }
    return true;
}

/* Lost connections may mean that another process took the source over: it is asked for the lock
 * before new ones are opened. */
static bool revive(struct site *site, struct site_node *const *lost, size_t count,
                   struct error *err) {
    AUTO(string_free) char *name = connection_name(site);
    AUTO(strings_clear) struct strings addresses = { 0 };
    AUTO(many_clear) struct many opened = { 0 };
    for (size_t i = 0; i < count; i++) {
        redis_close(TAKE(lost[i]->connection));
        strings_add(&addresses, lost[i]->address);
    }
    if (!count)
        return true;
    if (site->journal && !journal_confirm_lock(site->journal, 0, err))
        return false;
    bool fine = site_dial(site, &addresses, name, true, &opened, err);
    for (size_t i = 0; i < count; i++)
        lost[i]->connection = opened.items[i];
    if (!fine)
        return error_wrap(err, "source");
    return !site->journal || nobody_else(site, lost, count, err);
}

static bool is_of(const struct site_node *node, enum site_part part) {
    return part == SITE_NODES || node->is_primary == (part == SITE_PRIMARIES);
}

bool site_source(struct site *site, enum site_part part, struct error *err) {
    if (!site->nodes.count) {
        if (open_source(site, err))
            return true;
        forget_source(site);
        return false;
    }
    for (size_t i = 0; i < site->nodes.count; i++)
        if (site->nodes.items[i].connection && is_of(&site->nodes.items[i], part))
            redis_queue_words(site->nodes.items[i].connection, "PING", NULL);
    AUTO(many_clear) struct many asked = { 0 };
    site_list(site, part, &asked);
    redis_exchange(asked.items, asked.count, site_deadline(site));
    struct site_node **lost = xcalloc(site->nodes.count, sizeof(struct site_node *));
    size_t lost_count = 0;
    for (size_t i = 0; i < site->nodes.count; i++) {
        struct site_node *node = &site->nodes.items[i];
        AUTO(redis_reply_free) struct redis_reply *pong = NULL;
        AUTO(error_clear) struct error failure = { 0 };
        if (is_of(node, part) &&
            !(node->connection && redis_take(node->connection, &pong, &failure)))
            lost[lost_count++] = node;
    }
    bool fine = revive(site, lost, lost_count, err);
    free(lost);
    return fine;
}

const char *site_endpoint(const struct site *site) {
    const char *named = site->config->source.nodes.items[0];
    bool is_primary = false;
    if (site->config->source.topology != TOPOLOGY_STANDALONE && site->topology.count &&
        !topology_find(&site->topology, named, &is_primary))
        named = site->topology.items[0].primary;
    for (size_t i = 0; i < site->nodes.count; i++)
        if (site->nodes.items[i].service_address &&
            strcmp(site->nodes.items[i].address, named) == 0)
            return site->nodes.items[i].service_address;
    return named;
}
