#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "providers/local/actions/action.h"
#include "providers/local/actions/answers.h"
#include "providers/local/actions/kept.h"
#include "providers/local/actions/layout.h"
#include "providers/local/actions/parameter_sets.h"
#include "providers/local/actions/security.h"
#include "providers/local/machine/authority.h"
#include "providers/local/machine/cluster.h"
#include "providers/local/machine/node.h"
#include "providers/local/machine/relay.h"
#include "providers/local/service/group_node.h"
#include "providers/local/service/phase.h"
#include "providers/local/service/transit.h"
#include "schemas/base/clock.h"
#include "schemas/base/digest.h"
#include "schemas/base/memory.h"

struct wish {
    const char *id, *description, *node_type, *engine, *parameter_group;
    struct layout layout;
    struct security_wish security;
    bool automatic_failover, multi_az, at_rest, minor_upgrade, data_tiering;
    int64_t snapshot_retention_days;
    const struct engine *binary;
    char *family;
};

static bool check_id(struct request *request, const char *id) {
    size_t length = strlen(id);
    bool well =
        length <= 40 && isalpha((unsigned char)id[0]) && id[length - 1] != '-' && !strstr(id, "--");
    for (const char *at = id; well && *at; at++)
        well = isalnum((unsigned char)*at) || *at == '-';
    if (!well)
        return refuse(request->refusal, API_ERROR_PARAMETER_VALUE,
                      "The parameter ReplicationGroupIdentifier is not a valid identifier: %s", id);
    if (state_group(&request->endpoint->state, id))
        return refuse(request->refusal, API_ERROR_GROUP_EXISTS,
                      "Replication group %s already exists.", id);
    return true;
}

static bool not_offered(struct request *request, const char *what) {
    return refuse(request->refusal, API_ERROR_PARAMETER_COMBINATION,
                  "The local endpoint does not offer %s yet.", what);
}

static bool check_offered(struct request *request) {
    if (request_value(request, "GlobalReplicationGroupId"))
        return refuse(request->refusal, API_ERROR_GLOBAL_NOT_FOUND,
                      "Global replication group %s does not exist.",
                      request_value(request, "GlobalReplicationGroupId"));
    if (request_value(request, "SnapshotName") ||
        form_member(request->form, "SnapshotArns.SnapshotArn", 1, NULL))
        return not_offered(request, "snapshots");
    if (request_value(request, "PrimaryClusterId"))
        return not_offered(request, "groups around an existing cluster");
    return true;
}

static bool read_features(struct request *request, struct wish *wish) {
    wish->minor_upgrade = true;
    wish->at_rest = strcmp(wish->engine, "valkey") == 0;
    if (!request_bool(request, "AutomaticFailoverEnabled", &wish->automatic_failover) ||
        !request_bool(request, "MultiAZEnabled", &wish->multi_az) ||
        !request_bool(request, "AtRestEncryptionEnabled", &wish->at_rest) ||
        !request_bool(request, "DataTieringEnabled", &wish->data_tiering) ||
        !request_bool(request, "AutoMinorVersionUpgrade", &wish->minor_upgrade) ||
        !request_int(request, "SnapshotRetentionLimit", 0, 35, &wish->snapshot_retention_days))
        return false;
    if (wish->layout.cluster && !wish->automatic_failover)
        return refuse(request->refusal, API_ERROR_PARAMETER_COMBINATION,
                      "Automatic failover must be enabled with cluster mode enabled.");
    if (wish->automatic_failover && !wish->layout.cluster && wish->layout.items[0].node_count < 2)
        return refuse(request->refusal, API_ERROR_PARAMETER_COMBINATION,
                      "Automatic failover is not supported for replication groups with a single "
                      "cache cluster.");
    if (wish->multi_az && !wish->automatic_failover)
        return refuse(request->refusal, API_ERROR_PARAMETER_COMBINATION,
                      "Must have automatic failover enabled to enable multiAZ.");
    if (wish->data_tiering != (strncmp(wish->node_type, "cache.r6gd.", 11) == 0))
        return refuse(request->refusal, API_ERROR_PARAMETER_COMBINATION,
                      "Data tiering must be enabled with, and only with, r6gd node types.");
    return true;
}

static bool read_security(struct request *request, struct wish *wish) {
    const struct security_base base = { wish->engine, wish->binary->version, wish->layout.cluster,
                                        wish->multi_az };
    const struct node sample = { .engine_path = wish->binary->path,
                                 .engine_version = wish->binary->version };
    if (!security_of_new(request, &base, &wish->security))
        return false;
    return wish->security.transit == TRANSIT_OFF || transit_is_offered(&sample) ||
           not_offered(request, "encryption in transit with this server binary, which is older "
                                "than version 7 or was built without TLS,");
}

static bool read_engine(struct request *request, struct wish *wish) {
    const char *version = request_value(request, "EngineVersion");
    const char *engine = request_value(request, "Engine");
    wish->engine = engine ? engine : "redis";
    if (strcmp(wish->engine, "redis") != 0 && strcmp(wish->engine, "valkey") != 0)
        return refuse(request->refusal, API_ERROR_PARAMETER_VALUE, "Invalid engine: %s",
                      wish->engine);
    wish->binary = engines_pick(&request->endpoint->engines, wish->engine, version);
    if (!wish->binary)
        return refuse(request->refusal, API_ERROR_PARAMETER_VALUE,
                      "Cannot find version %s for %s. The local endpoint offers the server "
                      "binaries that it finds.",
                      version ? version : "(any)", wish->engine);
    wish->family = engine_family(wish->engine, wish->binary->version);
    return true;
}

static bool read_parameters_and_layout(struct request *request, struct wish *wish) {
    AUTO(parameter_set_clear) struct parameter_set set = { 0 };
    const char *name = request_value(request, "CacheParameterGroupName");
    wish->parameter_group = name;
    if (!name)
        return layout_read(request, NULL, &wish->layout);
    if (!parameter_set_find(request, name, &set))
        return false;
    if (strcmp(set.family, wish->family) != 0)
        return refuse(request->refusal, API_ERROR_PARAMETER_COMBINATION,
                      "Expected a parameter group of family %s but found one of family %s",
                      wish->family, set.family);
    return layout_read(request, &set, &wish->layout);
}

static bool read_wish(struct request *request, struct wish *wish) {
    if (!request_required(request, "ReplicationGroupId", &wish->id) ||
        !request_required(request, "ReplicationGroupDescription", &wish->description) ||
        !request_required(request, "CacheNodeType", &wish->node_type) ||
        !check_id(request, wish->id) || !check_offered(request))
        return false;
    if (!node_type_find(wish->node_type))
        return refuse(request->refusal, API_ERROR_PARAMETER_VALUE, "Invalid cache node type: %s",
                      wish->node_type);
    return read_engine(request, wish) && read_parameters_and_layout(request, wish) &&
           read_features(request, wish) && read_security(request, wish);
}

static void lower(char *string) {
    for (; *string; string++)
        *string = (char)tolower((unsigned char)*string);
}

static const char *or_else(const char *value, const char *fallback) {
    return value ? value : fallback;
}

static void shape_group(const struct request *request, const struct wish *wish,
                        struct group *group) {
    group->id = xstrdup(wish->id);
    lower(group->id);
    group->description = xstrdup(wish->description);
    group->region = xstrdup(request->region);
    group->engine = xstrdup(wish->engine);
    group->engine_version = xstrdup(wish->binary->version);
    group->node_type = xstrdup(wish->node_type);
    group->parameter_group =
        wish->parameter_group
            ? xstrdup(wish->parameter_group)
            : xasprintf("default.%s%s", wish->family, wish->layout.cluster ? CLUSTER_ON : "");
    lower(group->parameter_group);
    group->subnet_group =
        xstrdup(or_else(request_value(request, "CacheSubnetGroupName"), "default"));
    request_strings(request, "SecurityGroupIds.SecurityGroupId", &group->security_groups);
    if (!group->security_groups.count)
        strings_add(&group->security_groups, "sg-00000000000000000");
    group->maintenance_window = xstrdup(
        or_else(request_value(request, "PreferredMaintenanceWindow"), "sun:07:00-sun:08:00"));
    kept_take(request, true, group);
    group->snapshot_retention_days = wish->snapshot_retention_days;
    group->automatic_failover = wish->automatic_failover;
    group->multi_az = wish->multi_az;
    group->transit_encryption = wish->security.transit != TRANSIT_OFF;
    if (group->transit_encryption)
        group->transit_mode = xstrdup(transit_name(wish->security.transit));
    access_copy(&group->access, &wish->security.access);
    if (access_is_on(&group->access))
        group->secret = random_hex(16);
    group->durability = xstrdup(wish->security.durability);
    group->at_rest_encryption = wish->at_rest;
    group->data_tiering = wish->data_tiering;
    group->auto_minor_upgrade = wish->minor_upgrade;
    group->created_at_ms = clock_wall_ms();
}

static void add_shard(struct request *request, const struct wish *wish, struct group *group,
                      const struct layout_shard *wanted) {
    size_t shard = group->shards.count;
    *LIST_ADD(&group->shards) =
        (struct shard){ .id = xstrdup(wanted->id), .slots = xstrdup(wanted->slots) };
    for (int i = 0; i < wanted->node_count; i++) {
        AUTO(string_free)
        char *id = group->cluster ? xasprintf("%s-%s-%03d", group->id, wanted->id, i + 1)
                                  : xasprintf("%s-%03d", group->id, i + 1);
        struct node *node =
            node_add(request->endpoint, &group->nodes, id, NODE_SUBNET_TARGET, wish->binary, true);
        node->shard = (int64_t)shard;
        node->replica = i > 0;
        node->moved = group->transit_encryption;
        node->cluster_id = group->cluster ? random_hex(20) : NULL;
        node->zone = zone_name(group, (int)shard + i);
    }
}

/* On record before they run, so that none is ever unknown. */
static bool add_nodes(struct request *request, const struct wish *wish, struct group *group,
                      struct error *err) {
    struct endpoint *endpoint = request->endpoint;
    group->cluster = wish->layout.cluster;
    for (size_t i = 0; i < wish->layout.count; i++)
        add_shard(request, wish, group, &wish->layout.items[i]);
    if (!state_save(endpoint->dir, &endpoint->state, err) ||
        (group->cluster && !cluster_prepare(endpoint, &group->nodes, &group->shards, err)))
        return false;
    for (size_t i = 0; i < group->nodes.count; i++)
        if (!group_node_start(endpoint, group, &group->nodes.items[i], err))
            return false;
    transit_keep(endpoint, group);
    return authority_list_addresses(endpoint, err);
}

static bool create(struct request *request, const struct wish *wish) {
    AUTO(error_clear) struct error err = { 0 };
    struct group *group = LIST_ADD(&request->endpoint->state.groups);
    shape_group(request, wish, group);
    if (!request_tags(request, &group->tags)) {
        state_remove_group(&request->endpoint->state, group);
        return false;
    }
    if (!add_nodes(request, wish, group, &err)) {
        for (size_t i = 0; i < group->nodes.count; i++)
            node_kill(request->endpoint->dir, &group->nodes.items[i]);
        relay_end(request->endpoint->dir, group);
        state_remove_group(&request->endpoint->state, group);
        request->endpoint->changed = true; /* it may be on record by now */
        return refuse(request->refusal, API_ERROR_INTERNAL, "%s", err.message);
    }
    group_enter(request->endpoint, group, PHASE_CREATING, request->endpoint->pace.create_ms);
    answer_group(request, group);
    return true;
}

bool serve_create_replication_group(struct request *request) {
    struct wish wish = { 0 };
    bool done = read_wish(request, &wish) && create(request, &wish);
    free(wish.family);
    security_wish_clear(&wish.security);
    layout_clear(&wish.layout);
    return done;
}
