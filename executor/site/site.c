#include "executor/site/site.h"
#include "executor/site/baseline.h"

#include <stdlib.h>
#include <string.h>

#include "providers/redis/fleet.h"
#include "providers/redis/server.h"
#include "schemas/base/clock.h"
#include "schemas/base/memory.h"

int64_t site_deadline(const struct site *site) {
    return clock_mono_ms() + site->config->source.timeout_ms;
}

static struct redis_access access_of(const struct site *site, bool source) {
    const struct config_source *from = &site->config->source;
    return source ? (struct redis_access){ site->source_tls, from->username, site->source_password }
                  : redis_access_for(site->target_access, site->target_encrypted,
                                     site->target_asks_login);
}

bool site_connect(struct site *site, const char *address, const char *name, bool source,
                  struct redis_connection **out, struct error *err) {
    char host[256];
    struct redis_options options = { .host = host,
                                     .timeout_ms = site->config->source.timeout_ms,
                                     .client_name = name };
    if (!redis_address_parse(address, host, &options.port))
        return error_set(err, ERROR_FORMAT, "'%s' is not HOST:PORT", address);
    const struct redis_access access = access_of(site, source);
    options.username = access.username;
    options.password = access.password;
    options.tls = access.tls;
    return redis_open(&options, out, err);
}

bool site_dial(struct site *site, const struct strings *addresses, const char *name, bool source,
               struct many *out, struct error *err) {
    struct fleet_node *nodes = xcalloc(addresses->count + 1, sizeof *nodes);
    const struct redis_access access = access_of(site, source);
    const struct fleet fleet = { .username = access.username,
                                 .password = access.password,
                                 .tls = access.tls,
                                 .client_name = name,
                                 .timeout_ms = site->config->source.timeout_ms,
                                 .keep = true };
    bool fine = true;
    for (size_t i = 0; i < addresses->count; i++)
        nodes[i].address = addresses->items[i];
    fleet_ask(&fleet, nodes, addresses->count);
    for (size_t i = 0; i < addresses->count; i++) {
        bool failed = nodes[i].problem.code != ERROR_NONE;
        if (failed && fine)
            error_move(err, &nodes[i].problem);
        fine = fine && !failed;
        many_add(out, TAKE(nodes[i].connection));
    }
    fleet_nodes_clear(nodes, addresses->count);
    free(nodes);
    return fine;
}

void site_list(const struct site *site, enum site_part part, struct many *out) {
    many_clear(out);
    for (size_t i = 0; part == SITE_TARGETS && i < site->targets.count; i++)
        many_add(out, site->targets.items[i].connection);
    for (size_t i = 0; part != SITE_TARGETS && i < site->nodes.count; i++) {
        const struct site_node *node = &site->nodes.items[i];
        if (part == SITE_NODES || node->is_primary == (part == SITE_PRIMARIES))
            many_add(out, node->connection);
    }
}

const struct site_node *site_primary(const struct site *site, size_t shard) {
    return &site->nodes.items[site->shards.items[shard].primary];
}

bool site_node_is(const struct site_node *node, const char *address) {
    return site_same_address(node->address, address) ||
           (node->service_address && site_same_address(node->service_address, address));
}

void site_forget_target(struct site *site) {
    for (size_t i = 0; i < site->targets.count; i++) {
        free(site->targets.items[i].address);
        redis_close(site->targets.items[i].connection);
    }
    free(site->targets.items);
    site->targets.items = NULL;
    site->targets.count = 0;
    for (size_t i = 0; i < site->groups.count; i++)
        free(site->groups.items[i].id);
    free(site->groups.items);
    site->groups.items = NULL;
    site->groups.count = 0;
}

struct pins site_pins(const struct site *site) {
    return (struct pins){ site->plan, site->config_folder, site->config_file,
                          site->accepted_programs };
}

static void site_node_clear(struct site_node *node) {
    free(node->address);
    free(node->service_address);
    redis_close(node->connection);
}

static void site_shard_clear(struct site_shard *shard) {
    free(shard->name);
}

void site_close(struct site *site) {
    if (!site)
        return;
    LIST_CLEAR(&site->nodes, site_node_clear);
    LIST_CLEAR(&site->shards, site_shard_clear);
    site_forget_target(site);
    topology_clear(&site->topology);
    free(site->target_address);
    free(site->target_reader);
    strings_clear(&site->target_nodes);
    skipped_free(site->skipped);
    evictions_free(site->evictions);
    *site = (struct site){ 0 };
}

bool site_setting(struct redis_connection *node, const char *name, char **value,
                  struct error *err) {
    AUTO(redis_reply_free) struct redis_reply *reply = NULL;
    if (!redis_call(node, REDIS_NOW, &reply, err, "CONFIG", "GET", name, NULL))
        return false;
    *value = xstrdup(server_setting(reply, name));
    return *value ||
           error_set(err, ERROR_NOT_FOUND, "'%s' has no setting '%s'", redis_name(node), name);
}

static void resolve(const char *address, struct strings *out) {
    char host[256];
    uint16_t port;
    if (redis_address_parse(address, host, &port))
        redis_address_resolve(host, port, out);
}

bool site_same_address(const char *left, const char *right) {
    AUTO(strings_clear) struct strings lefts = { 0 }, rights = { 0 };
    if (strcmp(left, right) == 0)
        return true;
    resolve(left, &lefts);
    resolve(right, &rights);
    for (size_t i = 0; i < lefts.count; i++)
        if (strings_has(&rights, lefts.items[i]))
            return true;
    return false;
}
