#include <stdlib.h>
#include <string.h>

#include "providers/observe/observe.h"
#include "providers/observe/shards.h"
#include "providers/redis/redis.h"
#include "providers/redis/server.h"
#include "schemas/base/clock.h"
#include "schemas/base/memory.h"
#include "schemas/base/number.h"
#include "schemas/observed/mark.h"
#include "schemas/observed/properties.h"

/* A plan can do without these answers, and waits for each so long at most. */
#define OPTIONAL_WITHIN_MS 5000
#define RESERVED_PERCENT 25 /* of accounts since 2017, when the group does not say */

/* Parameters that checks read besides those the file wants. */
static const char *const read_parameters[] = {
    "cluster-databases",
    "databases",
    "lua-time-limit",
    "maxclients",
    "maxmemory",
    "maxmemory-policy",
    "notify-keyspace-events",
    "rename-commands",
    "reserved-memory",
    "reserved-memory-percent",
    "timeout",
};

static void fail(struct observed_target *target, const struct error *err) {
    target->reachable = false;
    string_replace(&target->problem, err->message);
    string_replace(&target->problem_remedy, err->hint);
    string_replace(&target->problem_code,
                   err->remote_code ? err->remote_code : error_name(err->code));
    target->refused = err->remote_code != NULL;
}

static int64_t optional_mono_ms(int64_t deadline_mono_ms) {
    int64_t within_mono_ms = clock_mono_ms() + OPTIONAL_WITHIN_MS;
    return within_mono_ms < deadline_mono_ms ? within_mono_ms : deadline_mono_ms;
}

/* What older policies, other endpoints and busy hours do not tell must not hide everything else. */
static void without(const char *action, struct observed_target *target, struct error *err) {
    pairs_set(&target->unknown, action, err->message);
    error_clear(err);
}

static char *address_of(const struct service_endpoint *endpoint) {
    return endpoint->host ? redis_address_text(endpoint->host, (uint16_t)endpoint->port) : NULL;
}

/* As INFO of the source names a replica: by address, not by name. */
static void add_node_address(const struct service_endpoint *endpoint, struct strings *out) {
    if (endpoint->host)
        redis_address_resolve(endpoint->host, (uint16_t)endpoint->port, out);
}

static void copy_zones(const struct replication_group *group, struct observed_target *target) {
    for (size_t s = 0; s < group->shards.count; s++) {
        const struct service_shard *shard = &group->shards.items[s];
        for (size_t n = 0; n < shard->nodes.count; n++) {
            const char *zone = shard->nodes.items[n].zone;
            if (zone && !strings_has(&target->zones, zone))
                strings_add(&target->zones, zone);
        }
    }
    strings_sort(&target->zones);
}

static void copy_properties(enum property_place place, const struct pairs *values,
                            struct observed_target *target) {
    const struct target_property *property;
    for (size_t i = 0; (property = property_at(i)); i++)
        if (property->place == place)
            property_observe(property, pairs_find(values, property->name), target);
}

static void copy_group(const struct replication_group *group, struct observed_target *target) {
    target->exists = true;
    string_replace(&target->arn, group->arn);
    string_replace(&target->status, group->status);
    copy_properties(PROPERTY_OF_GROUP, &group->properties, target);
    string_replace(&target->automatic_failover, group->automatic_failover);
    string_replace(&target->data_tiering, group->data_tiering);
    string_replace(&target->global_datastore, group->global_datastore);
    string_replace(&target->durability, group->effective_durability);
    string_replace(&target->transit_mode, group->transit_mode);
    target->snapshot_retention_days = group->snapshot_retention_days;
    target->outpost = group->outpost;
    copy_zones(group, target);
    target->cluster_enabled = group->cluster_enabled;
    target->transit_encryption = group->transit_encryption;
    target->at_rest_encryption = group->at_rest_encryption;
    target->auth = group->auth_token || group->user_groups.count > 0;
    strings_copy(&target->user_groups, &group->user_groups);
    strings_sort(&target->user_groups);
    target->pending_changes = group->pending_changes;
    target->shards = (int64_t)group->shards.count;
    if (!group->shards.count)
        return;
    const struct service_shard *shard = &group->shards.items[0];
    if (!group->cluster_enabled) {
        target->primary = address_of(&shard->primary);
        target->reader = address_of(&shard->reader);
    }
    target->configuration = address_of(&group->configuration);
    /* While a group is being created its nodes are not told yet. */
    target->replicas_per_shard = shard->nodes.count ? (int64_t)shard->nodes.count - 1 : SHAPE_UNSET;
    for (size_t s = 0; s < group->shards.count; s++) {
        const struct service_shard *next = &group->shards.items[s];
        if (!next->nodes.count)
            target->replicas_per_shard = SHAPE_UNSET;
        else if ((int64_t)next->nodes.count - 1 < target->replicas_per_shard) /* the least */
            target->replicas_per_shard = (int64_t)next->nodes.count - 1;
        for (size_t n = 0; n < next->nodes.count; n++)
            add_node_address(&next->nodes.items[n].endpoint, &target->node_addresses);
    }
}

static const char *value_in(const struct pairs *first, const struct pairs *second,
                            const char *name) {
    const char *value = first ? pairs_find(first, name) : NULL;
    return value ? value : pairs_find(second, name);
}

/* As it is once the steps of a plan have set what is wanted of the group; NULL: they set nothing.
 */
static void set_room(struct observed_target *target, const struct pairs *parameters,
                     const struct pairs *wanted) {
    const char *limit = pairs_find(parameters, "maxmemory");
    const char *percent = value_in(wanted, parameters, "reserved-memory-percent");
    const char *reserved = value_in(wanted, parameters, "reserved-memory");
    int64_t bytes = number_or(limit, 0), share = number_or(percent, RESERVED_PERCENT);
    int64_t fixed = number_or(reserved, 0);
    if (share < 0 || share > 100)
        share = RESERVED_PERCENT;
    target->data_room_bytes = fixed > 0 ? bytes - fixed : bytes / 100 * (100 - share);
}

struct parameter_source {
    const char *group, *node_type;
    bool is_set; /* to what the migration file wants, before anything is copied */
};

static bool read_group_parameters(const struct config *config, struct elasticache *service,
                                  const struct parameter_source *source, int64_t deadline_mono_ms,
                                  struct observed_target *target, struct error *err) {
    AUTO(pairs_clear) struct pairs all = { 0 };
    if (!elasticache_parameters(service, source->group, source->node_type, deadline_mono_ms, &all,
                                err))
        return false;
    for (size_t i = 0; i < COUNT(read_parameters); i++) {
        const char *value = pairs_find(&all, read_parameters[i]);
        if (value)
            pairs_set(&target->parameters, read_parameters[i], value);
    }
    for (size_t i = 0; i < config->target.parameters.count; i++) {
        const char *wanted = config->target.parameters.items[i].name,
                   *value = pairs_find(&all, wanted);
        if (value)
            pairs_set(&target->parameters, wanted, value);
    }
    set_room(target, &all, source->is_set ? &config->target.parameters : NULL);
    return true;
}

static void read_versions(struct elasticache *service, const char *engine, int64_t deadline_mono_ms,
                          struct observed_target *target, struct error *err) {
    if (!elasticache_versions(service, engine, optional_mono_ms(deadline_mono_ms),
                              &target->offered_versions, err))
        without("DescribeCacheEngineVersions", target, err);
}

/* What a step would ask for, and the service may not have; nothing is asked when all is equal. */
static void read_change_offer(const struct config *config, struct elasticache *service,
                              int64_t deadline_mono_ms, struct observed_target *target,
                              struct error *err) {
    const char *version = config->target.engine_version;
    struct pairs differing = { 0 }; /* borrowed */
    for (size_t i = 0; i < config->target.parameters.count; i++) {
        const struct pair *wanted = &config->target.parameters.items[i];
        const char *value = pairs_find(&target->parameters, wanted->name);
        if (!value || strcmp(value, wanted->value) != 0)
            *LIST_ADD(&differing) = *wanted;
    }
    bool newer = version && target->engine && target->engine_version &&
                 strncmp(target->engine_version, version, strlen(version)) != 0;
    if (newer)
        read_versions(service, target->engine, deadline_mono_ms, target, err);
    if (differing.count && config_may_set_parameters(&config->target, target->parameter_group) &&
        !elasticache_refused_parameters(service, target->parameter_group, &differing,
                                        optional_mono_ms(deadline_mono_ms),
                                        &target->refused_parameters, err))
        without("DescribeCacheParameters", target, err);
    free(differing.items);
}

/* The first of its clusters that is there: one may be gone while the group still lists it. */
static bool find_member(struct elasticache *service, const struct replication_group *group,
                        int64_t deadline_mono_ms, struct observed_target *target,
                        struct cache_cluster *out, struct error *err) {
    for (size_t i = 0; i < group->member_clusters.count; i++) {
        if (elasticache_describe_cluster(service, group->member_clusters.items[i], deadline_mono_ms,
                                         out, err))
            return true;
        if (err->code != ERROR_NOT_FOUND)
            return false;
        without("DescribeCacheClusters", target, err);
    }
    return true;
}

static bool read_member(const struct config *config, struct elasticache *service,
                        const struct replication_group *group, int64_t deadline_mono_ms,
                        struct observed_target *target, struct error *err) {
    if (!group->member_clusters.count)
        return true;
    AUTO(cache_cluster_clear) struct cache_cluster member = { 0 };
    if (!find_member(service, group, deadline_mono_ms, target, &member, err))
        return false;
    if (!member.id)
        return true;
    copy_properties(PROPERTY_OF_MEMBER, &member.properties, target);
    string_replace(&target->parameter_group, member.parameter_group);
    string_replace(&target->maintenance_window, member.maintenance_window);
    if (!target->engine)
        string_replace(&target->engine, member.engine);
    strings_copy(&target->security_groups, &member.security_groups);
    if (!member.parameter_group)
        return true;
    /* Steps may change this before anything is copied: the room is that of then. */
    bool changes = !config->target.managed_by && strcmp(group->status, "available") == 0;
    const struct parameter_source source = {
        .group = member.parameter_group,
        .node_type =
            changes && config->target.node_type ? config->target.node_type : group->node_type,
        .is_set = changes && config_may_set_parameters(&config->target, member.parameter_group),
    };
    if (!read_group_parameters(config, service, &source, deadline_mono_ms, target, err))
        return false;
    if (changes)
        read_change_offer(config, service, deadline_mono_ms, target, err);
    return true;
}

static bool read_tags(const struct config *config, struct elasticache *service,
                      int64_t deadline_mono_ms, struct observed_target *target, struct error *err) {
    AUTO(pairs_clear) struct pairs all = { 0 };
    if (!target->arn)
        return true;
    if (!elasticache_tags(service, target->arn, deadline_mono_ms, &all, err)) {
        /* Tags cannot be read while the group is busy: not a reason to see nothing. The mark is in
         * the description as well, so only wanted tags make the answer necessary. */
        target->mark_hidden =
            error_is_remote(err, "InvalidReplicationGroupState") || !config->target.tags.count;
        if (target->mark_hidden)
            error_clear(err);
        return target->mark_hidden;
    }
    if (pairs_find(&all, MARK_TAG_RUN)) {
        string_replace(&target->mark_run, pairs_find(&all, MARK_TAG_RUN));
        string_replace(&target->mark_record, pairs_find(&all, MARK_TAG_RECORD));
    }
    for (size_t i = 0; i < config->target.tags.count; i++) {
        const char *name = config->target.tags.items[i].name, *value = pairs_find(&all, name);
        if (value)
            pairs_set(&target->tags, name, value);
    }
    return true;
}

static bool read_serverless(const struct config *config, struct elasticache *service,
                            int64_t deadline_mono_ms, struct observed_target *target,
                            struct error *err) {
    AUTO(serverless_cache_clear) struct serverless_cache cache = { 0 };
    if (!elasticache_serverless(service, config_target_name(&config->target), deadline_mono_ms,
                                &cache, err))
        return false;
    target->serverless = cache.exists;
    string_replace(&target->status, cache.status);
    string_replace(&target->engine, cache.engine);
    string_replace(&target->engine_version, cache.version);
    string_replace(&target->migration_status, cache.migration_status);
    return true;
}

/* What there is to choose from, for a group that is to be created. */
static void read_offer(const struct config *config, struct elasticache *service,
                       int64_t deadline_mono_ms, struct observed_target *target,
                       struct error *err) {
    const struct config_target *wanted = &config->target;
    const char *engine = wanted->engine ? wanted->engine : "valkey";
    if (!read_serverless(config, service, optional_mono_ms(deadline_mono_ms), target, err))
        without("DescribeServerlessCaches", target, err);
    if (target->serverless)
        return;
    read_versions(service, engine, deadline_mono_ms, target, err);
    if (!wanted->node_type || !wanted->engine_version)
        return;
    AUTO(string_free)
    char *group = xasprintf("default.%s%s", elasticache_family(engine, wanted->engine_version),
                            config->source.topology == TOPOLOGY_CLUSTER ? ".cluster.on" : "");
    const struct parameter_source source = { group, wanted->node_type, true };
    int64_t within_mono_ms = optional_mono_ms(deadline_mono_ms);
    if (!read_group_parameters(config, service, &source, within_mono_ms, target, err) ||
        (wanted->parameters.count &&
         !elasticache_refused_parameters(service, group, &wanted->parameters, within_mono_ms,
                                         &target->refused_parameters, err)))
        without("DescribeCacheParameters", target, err);
}

static void read_updates(const struct config *config, struct elasticache *service,
                         int64_t deadline_mono_ms, struct observed_target *target,
                         struct error *err) {
    if (elasticache_updates(service, config->target.replication_group,
                            optional_mono_ms(deadline_mono_ms), &target->updates, err))
        return;
    string_replace(&target->updates_problem, err->message);
    error_clear(err);
}

static bool ask_primary(const struct config *config, const struct redis_access *access,
                        struct observed_target *target, struct error *err) {
    char host[256];
    struct redis_options options = { .host = host,
                                     .username = access->username,
                                     .password = access->password,
                                     .tls = access->tls,
                                     .timeout_ms = config->source.timeout_ms,
                                     .ceiling_bytes = REDIS_FACTS_CEILING_BYTES };
    AUTO(redis_close) struct redis_connection *connection = NULL;
    AUTO(redis_reply_free) struct redis_reply *reply = NULL;
    if (!redis_address_parse(target->primary, host, &options.port) ||
        !redis_open(&options, &connection, err) ||
        !redis_call(connection, REDIS_NOW, &reply, err, "INFO", NULL))
        return false;
    AUTO(target_state_clear) struct target_state seen = { 0 };
    target_state_read(reply, &seen);
    target->role = TAKE(seen.role);
    target->replicates_from = TAKE(seen.follows);
    target->link_status = TAKE(seen.link_status);
    target->used_memory_bytes = seen.used_memory_bytes;
    target->replication_offset = seen.replication_offset;
    target->keys = seen.keys;
    target->holds_keys = target->keys > 0;
    return true;
}

static struct redis_access access_to(const struct redis_access *access,
                                     const struct observed_target *target) {
    return redis_access_for(access, target->transit_encryption, target->auth);
}

static bool read_target(const struct config *config, struct elasticache *service,
                        const struct redis_access *access, int64_t deadline_mono_ms,
                        struct observed_target *target, struct error *err) {
    AUTO(service_identity_clear) struct service_identity identity = { 0 };
    AUTO(replication_group_clear) struct replication_group group = { 0 };
    if (!elasticache_identity(service, deadline_mono_ms, &identity, err))
        return false;
    string_replace(&target->account, identity.account);
    string_replace(&target->caller, identity.arn);
    string_replace(&target->region, elasticache_region(service));
    if (config->target.serverless_cache)
        return read_serverless(config, service, deadline_mono_ms, target, err);
    if (!elasticache_describe(service, config->target.replication_group, deadline_mono_ms, &group,
                              err)) {
        if (err->code != ERROR_NOT_FOUND)
            return false;
        error_clear(err);
        read_offer(config, service, deadline_mono_ms, target, err);
        return true;
    }
    if (!elasticache_find_nodes(service, deadline_mono_ms, &group, err))
        return false;
    copy_group(&group, target);
    (void)mark_description_read(group.description, &target->mark_run, &target->mark_record);
    const struct redis_access needed = access_to(access, target);
    if (group.cluster_enabled)
        observe_shards(&group, &needed, config->source.timeout_ms, target);
    if (!read_member(config, service, &group, deadline_mono_ms, target, err) ||
        !read_tags(config, service, deadline_mono_ms, target, err))
        return false;
    read_updates(config, service, deadline_mono_ms, target, err);
    return true;
}

void observe_target(const struct config *config, struct elasticache *service,
                    const struct error *problem, const struct redis_access *access,
                    int64_t deadline_mono_ms, struct observed_target *out) {
    AUTO(error_clear) struct error err = { 0 };
    if (!service) {
        const struct elasticache_options options = {
            .region = config->target.region,
            .endpoint_url = config->target.endpoint_url,
            .profile = config->target.profile,
        };
        out->on_this_machine = elasticache_would_be_local(&options);
        fail(out, problem);
        return;
    }
    out->reachable = true;
    out->on_this_machine = elasticache_is_local(service);
    if (!out->on_this_machine && strncmp(elasticache_endpoint(service), "http://", 7) == 0)
        out->clear_endpoint = xstrdup(elasticache_endpoint(service));
    if (!read_target(config, service, access, deadline_mono_ms, out, &err)) {
        fail(out, &err);
        return;
    }
    out->clock_ahead_ms = elasticache_clock_ahead_ms(service);
    if (!out->primary)
        return;
    const struct redis_access needed = access_to(access, out);
    out->node_reachable = ask_primary(config, &needed, out, &err);
    if (!out->node_reachable)
        string_replace(&out->node_problem, err.message);
}
