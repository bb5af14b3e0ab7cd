#include <stdlib.h>
#include <string.h>

#include "providers/local/actions/action.h"
#include "providers/local/nodes.h"
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

static void answer_member(struct text *out, const struct state *state, const struct node *node) {
    markup_open(out, "NodeGroupMember");
    markup_string(out, "CacheClusterId", node->id);
    markup_string(out, "CacheNodeId", "0001");
    answer_endpoint(out, "ReadEndpoint", state, node);
    markup_string(out, "PreferredAvailabilityZone", node->zone);
    markup_string(out, "CurrentRole", node->replica ? "replica" : "primary");
    markup_close(out, "NodeGroupMember");
}

static void answer_node_groups(struct text *out, const struct state *state,
                               const struct group *group) {
    const struct node *primary = group_primary((struct group *)(uintptr_t)group), *reader = primary;
    markup_open(out, "NodeGroups");
    markup_open(out, "NodeGroup");
    markup_string(out, "NodeGroupId", "0001");
    markup_string(out, "Status",
                  group->phase == PHASE_MIGRATING || group->phase == PHASE_SYNCING
                      ? "available"
                      : group_status((enum group_phase)group->phase));
    for (size_t i = 0; i < group->nodes.count; i++)
        if (group->nodes.items[i].replica && reader == primary)
            reader = &group->nodes.items[i];
    if (primary && group->phase != PHASE_CREATING) {
        answer_endpoint(out, "PrimaryEndpoint", state, primary);
        answer_endpoint(out, "ReaderEndpoint", state, reader);
    }
    markup_open(out, "NodeGroupMembers");
    for (size_t i = 0; group->phase != PHASE_CREATING && i < group->nodes.count; i++)
        answer_member(out, state, &group->nodes.items[i]);
    markup_close(out, "NodeGroupMembers");
    markup_close(out, "NodeGroup");
    markup_close(out, "NodeGroups");
}

static void answer_features(struct text *out, const struct group *group) {
    markup_string(out, "AutomaticFailover", group->automatic_failover ? "enabled" : "disabled");
    markup_string(out, "MultiAZ", group->multi_az ? "enabled" : "disabled");
    markup_int(out, "SnapshotRetentionLimit", group->snapshot_retention_days);
    markup_string(out, "SnapshotWindow", group->snapshot_window);
    markup_bool(out, "ClusterEnabled", false);
    markup_string(out, "CacheNodeType", group->node_type);
    markup_bool(out, "AuthTokenEnabled", false);
    markup_bool(out, "TransitEncryptionEnabled", group->transit_encryption);
    markup_bool(out, "AtRestEncryptionEnabled", group->at_rest_encryption);
    answer_arn(out, group->region, "replicationgroup", group->id);
    markup_empty(out, "LogDeliveryConfigurations");
    markup_time(out, "ReplicationGroupCreateTime", group->created_at_ms);
    markup_string(out, "DataTiering", group->data_tiering ? "enabled" : "disabled");
    markup_bool(out, "AutoMinorVersionUpgrade", group->auto_minor_upgrade);
    markup_string(out, "NetworkType", "ipv4");
    markup_string(out, "IpDiscovery", "ipv4");
    if (group->transit_encryption)
        markup_string(out, "TransitEncryptionMode", "required");
    markup_string(out, "ClusterMode", "disabled");
    markup_string(out, "Engine", group->engine);
}

void answer_group(struct request *request, const struct group *group) {
    struct text *out = request->out;
    markup_open(out, "ReplicationGroup");
    markup_string(out, "ReplicationGroupId", group->id);
    markup_string(out, "Description", group->description);
    markup_empty(out, "GlobalReplicationGroupInfo");
    markup_string(out, "Status", group_shown_status(group));
    markup_empty(out, "PendingModifiedValues");
    markup_open(out, "MemberClusters");
    for (size_t i = 0; i < group->nodes.count; i++)
        markup_string(out, "ClusterId", group->nodes.items[i].id);
    markup_close(out, "MemberClusters");
    answer_node_groups(out, &request->endpoint->state, group);
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
