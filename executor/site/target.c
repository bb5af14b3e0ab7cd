/* The target's servers, as the service names them. */
#include <stdlib.h>
#include <string.h>

#include "executor/site/site.h"
#include "schemas/base/clock.h"
#include "schemas/base/memory.h"
#include "schemas/observed/protection.h"

#define SERVICE_MS 30000

char *site_endpoint_text(const struct service_endpoint *endpoint) {
    return endpoint->host ? redis_address_text(endpoint->host, (uint16_t)endpoint->port) : NULL;
}

/* The service gives names, and INFO of the source numbers: both, so that no look has to ask the
 * resolver while writers wait. */
static void learn_node(const struct service_endpoint *endpoint, struct strings *out) {
    AUTO(string_free) char *address = site_endpoint_text(endpoint);
    if (!address)
        return;
    strings_add(out, address);
    redis_address_resolve(endpoint->host, (uint16_t)endpoint->port, out);
}

void site_learn_target(struct site *site, const struct replication_group *group) {
    strings_clear(&site->target_nodes);
    for (size_t s = 0; s < group->shards.count; s++)
        for (size_t n = 0; n < group->shards.items[s].nodes.count; n++)
            learn_node(&group->shards.items[s].nodes.items[n].endpoint, &site->target_nodes);
}

bool site_is_target(const struct site *site, const char *address) {
    return strings_has(&site->target_nodes, address);
}

/* As words that live on: the hooks are told them. */
static void learn_protection(struct site *site, const struct replication_group *group) {
    bool preferred = string_same(group->transit_mode, TLS_PREFERRED);
    site->target_tls = !group->transit_encryption ? TLS_OFF
                       : preferred                ? TLS_PREFERRED
                                                  : TLS_REQUIRED;
    site->target_auth = group->user_groups.count ? "user-group"
                        : group->auth_token      ? AUTH_TOKEN
                                                 : AUTH_NONE;
}

bool site_describe_target(struct site *site, struct replication_group *group, struct error *err) {
    const char *name = site->config->target.replication_group;
    int64_t deadline_mono_ms = clock_mono_ms() + SERVICE_MS;
    if (!elasticache_describe(site->service, name, deadline_mono_ms, group, err) ||
        !elasticache_find_nodes(site->service, deadline_mono_ms, group, err))
        return false;
    site->target_encrypted = group->transit_encryption;
    site->target_asks_login = group->auth_token || group->user_groups.count;
    learn_protection(site, group);
    site_learn_target(site, group);
    return true;
}

static bool no_endpoint(const struct replication_group *group, const char *what,
                        struct error *err) {
    return error_set(err, ERROR_NOT_FOUND, "group '%s' has no %s (status %s)", group->id, what,
                     group->status ? group->status : "unknown");
}

static void add_target(struct site *site, char *address, size_t group) {
    *LIST_ADD(&site->targets) = (struct site_target_node){ .address = address, .group = group };
}

static bool learn_primary(struct site *site, const struct replication_group *group,
                          struct error *err) {
    if (group->shards.count != 1 || !group->shards.items[0].primary.host)
        return no_endpoint(group, "primary endpoint", err);
    *LIST_ADD(&site->groups) =
        (struct site_group){ .id = xstrdup(group->shards.items[0].id), .shard = 0 };
    site->target_address = site_endpoint_text(&group->shards.items[0].primary);
    site->target_reader = site_endpoint_text(&group->shards.items[0].reader);
    add_target(site, xstrdup(site->target_address), 0);
    return true;
}

static bool learn_group(struct site *site, const struct service_shard *shard, struct error *err) {
    struct site_group *group = LIST_ADD(&site->groups);
    group->id = xstrdup(shard->id);
    group->shard = SITE_UNPAIRED;
    for (size_t n = 0; n < shard->nodes.count; n++) {
        char *address = site_endpoint_text(&shard->nodes.items[n].endpoint);
        if (!address)
            return error_set(err, ERROR_NOT_FOUND, "node '%s' of the target has no address yet",
                             shard->nodes.items[n].cluster_id);
        add_target(site, address, site->groups.count - 1);
    }
    return !shard->slots || slots_parse(shard->slots, strlen(shard->slots), &group->slots, err) ||
           error_wrap(err, "node group '%s'", shard->id);
}

static bool learn_cluster(struct site *site, const struct replication_group *group,
                          struct error *err) {
    site->target_address = site_endpoint_text(&group->configuration);
    if (!site->target_address)
        return no_endpoint(group, "configuration endpoint", err);
    for (size_t s = 0; s < group->shards.count; s++)
        if (!learn_group(site, &group->shards.items[s], err))
            return false;
    return true;
}

static bool open_nodes(struct site *site, struct error *err) {
    AUTO(strings_clear) struct strings addresses = { 0 };
    AUTO(many_clear) struct many opened = { 0 };
    for (size_t i = 0; i < site->targets.count; i++)
        strings_add(&addresses, site->targets.items[i].address);
    bool fine = site_dial(site, &addresses, "ecmig-target", false, &opened, err);
    for (size_t i = 0; i < opened.count; i++)
        site->targets.items[i].connection = opened.items[i];
    return fine;
}

/* A replica of cluster mode answers reads only after READONLY; a primary does not mind it. */
static bool let_replicas_answer(struct site *site, struct error *err) {
    AUTO(many_clear) struct many targets = { 0 };
    site_list(site, SITE_TARGETS, &targets);
    return !site->target_is_cluster ||
           many_call(&targets, site_deadline(site), NULL, err, "READONLY", NULL);
}

static bool open_all(struct site *site, struct error *err) {
    AUTO(replication_group_clear) struct replication_group group = { 0 };
    if (!site_describe_target(site, &group, err))
        return false;
    free(TAKE(site->target_address));
    free(TAKE(site->target_reader));
    site->target_is_cluster = group.cluster_enabled;
    if (!(group.cluster_enabled ? learn_cluster(site, &group, err)
                                : learn_primary(site, &group, err)))
        return false;
    return (open_nodes(site, err) && let_replicas_answer(site, err)) || error_wrap(err, "target");
}

/* The failure of any of them means that the service is asked again. */
static bool answer(struct site *site) {
    AUTO(many_clear) struct many targets = { 0 };
    AUTO(error_clear) struct error ignored = { 0 };
    site_list(site, SITE_TARGETS, &targets);
    return many_call(&targets, site_deadline(site), NULL, &ignored, "PING", NULL);
}

bool site_targets(struct site *site, struct error *err) {
    if (site->targets.count && answer(site))
        return true;
    site_forget_target(site);
    if (open_all(site, err))
        return true;
    site_forget_target(site);
    return false;
}

bool site_pair(struct site *site, struct error *err) {
    for (size_t s = 0; s < site->shards.count; s++) {
        bool found = false;
        for (size_t g = 0; g < site->groups.count; g++) {
            struct site_group *group = &site->groups.items[g];
            if (!slots_equal(&group->slots, &site->shards.items[s].slots))
                continue;
            group->shard = s;
            found = true;
        }
        if (!found)
            return error_set(err, ERROR_NOT_FOUND, "no shard of the target owns the slots %s",
                             site->shards.items[s].name);
    }
    return site->groups.count == site->shards.count ||
           error_set(err, ERROR_BLOCKED, "the target has %zu shards, the source %zu",
                     site->groups.count, site->shards.count);
}

size_t site_shard_of(const struct site *site, const struct site_target_node *node) {
    return site->groups.items[node->group].shard;
}
