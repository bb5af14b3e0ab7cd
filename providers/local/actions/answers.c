#include "providers/local/actions/answers.h"

#include <stdlib.h>
#include <string.h>

#include "providers/local/actions/kept.h"
#include "providers/local/machine/node.h"
#include "providers/local/state/endpoint.h"
#include "schemas/base/memory.h"

void answer_arn(struct text *out, const char *region, const char *kind, const char *id) {
    AUTO(string_free)
    char *arn = xasprintf("arn:aws:elasticache:%s:" LOCAL_ACCOUNT ":%s:%s", region, kind, id);
    markup_string(out, "ARN", arn);
}

static void answer_endpoint(struct text *out, const char *name, const struct state *state,
                            const struct node *node) {
    char address[16];
    node_address(state, node, address);
    markup_open(out, name);
    markup_string(out, "Address", address);
    markup_int(out, "Port", state->node_port);
    markup_close(out, name);
}

/* With cluster mode clients learn roles and addresses from the nodes. */
static void answer_member(struct text *out, const struct state *state, const struct group *group,
                          const struct node *node) {
    markup_open(out, "NodeGroupMember");
    markup_string(out, "CacheClusterId", node->id);
    markup_string(out, "CacheNodeId", "0001");
    if (!group->cluster)
        answer_endpoint(out, "ReadEndpoint", state, node);
    markup_string(out, "PreferredAvailabilityZone", node->zone);
    if (!group->cluster)
        markup_string(out, "CurrentRole", node->replica ? "replica" : "primary");
    markup_close(out, "NodeGroupMember");
}

static void answer_endpoints(struct text *out, const struct state *state,
                             const struct group *group) {
    const struct node *primary = shard_primary(&group->nodes, 0), *reader = primary;
    for (size_t i = 0; i < group->nodes.count; i++)
        if (group->nodes.items[i].replica && reader == primary)
            reader = &group->nodes.items[i];
    if (!primary || group->phase == PHASE_CREATING)
        return;
    answer_endpoint(out, "PrimaryEndpoint", state, primary);
    answer_endpoint(out, "ReaderEndpoint", state, reader);
}

static void answer_node_group(struct text *out, const struct state *state,
                              const struct group *group, size_t at) {
    const struct shard *shard = &group->shards.items[at];
    const char *status = group_status((enum group_phase)group->phase);
    /* The service shows nothing of a migration here, from its call on. */
    bool migrates = group->migration.host || strcmp(status, "migrating") == 0;
    markup_open(out, "NodeGroup");
    markup_string(out, "NodeGroupId", shard->id);
    markup_string(out, "Status", migrates ? "available" : status);
    if (!group->cluster)
        answer_endpoints(out, state, group);
    markup_string(out, "Slots", shard->slots);
    markup_open(out, "NodeGroupMembers");
    for (size_t i = 0; group->phase != PHASE_CREATING && i < group->nodes.count; i++)
        if (group->nodes.items[i].shard == (int64_t)at)
            answer_member(out, state, group, &group->nodes.items[i]);
    markup_close(out, "NodeGroupMembers");
    markup_close(out, "NodeGroup");
}

static void answer_node_groups(struct text *out, const struct state *state,
                               const struct group *group) {
    markup_open(out, "NodeGroups");
    for (size_t i = 0; i < group->shards.count; i++)
        answer_node_group(out, state, group, i);
    markup_close(out, "NodeGroups");
}

/* Those of `ids` that are not among `others`. */
static void answer_user_groups(struct text *out, const char *name, const struct strings *ids,
                               const struct strings *others) {
    size_t told = 0;
    for (size_t i = 0; i < ids->count; i++) {
        if (others && strings_has(others, ids->items[i]))
            continue;
        if (!told++)
            markup_open(out, name);
        markup_string(out, "member", ids->items[i]);
    }
    if (told)
        markup_close(out, name);
}

static void answer_pending_access(struct text *out, const struct group *group) {
    const struct access *now = &group->access, *then = &group->wanted_access;
    if (!group->access_changes)
        return;
    if (then->tokens.count)
        markup_string(out, "AuthTokenStatus",
                      then->tokens.count > 1 || then->token_optional ? "ROTATING" : "SETTING");
    if (!now->user_groups.count && !then->user_groups.count)
        return;
    markup_open(out, "UserGroups");
    answer_user_groups(out, "UserGroupIdsToAdd", &then->user_groups, &now->user_groups);
    answer_user_groups(out, "UserGroupIdsToRemove", &now->user_groups, &then->user_groups);
    markup_close(out, "UserGroups");
}

static void answer_pending_transit(struct text *out, const struct group *group) {
    bool off = string_same(group->wanted_transit, "off");
    if (!group->wanted_transit)
        return;
    if (off == group->transit_encryption)
        markup_bool(out, "TransitEncryptionEnabled", !off);
    if (!off)
        markup_string(out, "TransitEncryptionMode", group->wanted_transit);
}

static void answer_pending(struct text *out, const struct group *group) {
    if (group->phase != PHASE_RESHARDING && !group->access_changes && !group->wanted_transit) {
        markup_empty(out, "PendingModifiedValues");
        return;
    }
    markup_open(out, "PendingModifiedValues");
    if (group->phase == PHASE_RESHARDING) {
        markup_open(out, "Resharding");
        markup_open(out, "SlotMigration");
        markup_string(out, "ProgressPercentage", "50.0");
        markup_close(out, "SlotMigration");
        markup_close(out, "Resharding");
    }
    answer_pending_access(out, group);
    answer_pending_transit(out, group);
    markup_close(out, "PendingModifiedValues");
}

/* Any of its nodes serves as that; it is always the same one while that is the first primary. */
static void answer_configuration(struct text *out, const struct state *state,
                                 const struct group *group) {
    const struct node *node = shard_primary(&group->nodes, 0);
    if (group->cluster && node && group->phase != PHASE_CREATING)
        answer_endpoint(out, "ConfigurationEndpoint", state, node);
}

static void answer_features(struct text *out, const struct group *group) {
    markup_string(out, "AutomaticFailover", group->automatic_failover ? "enabled" : "disabled");
    markup_string(out, "MultiAZ", group->multi_az ? "enabled" : "disabled");
    markup_int(out, "SnapshotRetentionLimit", group->snapshot_retention_days);
    kept_answer(out, PROPERTY_OF_GROUP, group);
    markup_bool(out, "ClusterEnabled", group->cluster);
    markup_string(out, "CacheNodeType", group->node_type);
    markup_bool(out, "AuthTokenEnabled", group->access.tokens.count != 0);
    markup_bool(out, "TransitEncryptionEnabled", group->transit_encryption);
    markup_bool(out, "AtRestEncryptionEnabled", group->at_rest_encryption);
    answer_arn(out, group->region, "replicationgroup", group->id);
    if (group->access.user_groups.count)
        answer_user_groups(out, "UserGroupIds", &group->access.user_groups, NULL);
    markup_empty(out, "LogDeliveryConfigurations");
    markup_time(out, "ReplicationGroupCreateTime", group->created_at_ms);
    markup_string(out, "DataTiering", group->data_tiering ? "enabled" : "disabled");
    markup_bool(out, "AutoMinorVersionUpgrade", group->auto_minor_upgrade);
    markup_string(out, "NetworkType", "ipv4");
    markup_string(out, "IpDiscovery", "ipv4");
    if (group->transit_encryption)
        markup_string(out, "TransitEncryptionMode",
                      group->transit_mode ? group->transit_mode : "required");
    markup_string(out, "ClusterMode", group->cluster ? "enabled" : "disabled");
    markup_string(out, "Engine", group->engine);
    markup_string(out, "Durability", group->durability);
    if (group->durability)
        markup_string(out, "EffectiveDurability",
                      group_is_durable(group) ? group->durability : "disabled");
}

void answer_group(struct request *request, const struct group *group) {
    struct text *out = request->out;
    markup_open(out, "ReplicationGroup");
    markup_string(out, "ReplicationGroupId", group->id);
    markup_string(out, "Description", group->description);
    markup_empty(out, "GlobalReplicationGroupInfo");
    markup_string(out, "Status", group_shown_status(group));
    answer_pending(out, group);
    markup_open(out, "MemberClusters");
    for (size_t i = 0; i < group->nodes.count; i++)
        markup_string(out, "ClusterId", group->nodes.items[i].id);
    markup_close(out, "MemberClusters");
    answer_node_groups(out, &request->endpoint->state, group);
    answer_configuration(out, &request->endpoint->state, group);
    answer_features(out, group);
    markup_close(out, "ReplicationGroup");
}

void answer_tags(struct request *request, const struct pairs *tags) {
    markup_open(request->out, "TagList");
    for (size_t i = 0; i < tags->count; i++) {
        markup_open(request->out, "Tag");
        markup_string(request->out, "Key", tags->items[i].name);
        markup_string(request->out, "Value", tags->items[i].value);
        markup_close(request->out, "Tag");
    }
    markup_close(request->out, "TagList");
}
