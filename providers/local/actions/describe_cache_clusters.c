#include <string.h>
#include <strings.h>

#include "providers/local/actions/action.h"
#include "providers/local/actions/answers.h"
#include "providers/local/actions/kept.h"
#include "providers/local/machine/node.h"

static const char *node_status(const struct group *group, const struct node *node) {
    if (node->lost_at_ms)
        return "modifying";
    switch ((enum group_phase)group->phase) {
    case PHASE_CREATING:
        return "creating";
    case PHASE_DELETING:
        return "deleting";
    case PHASE_MODIFYING:
        return "modifying";
    default:
        return "available";
    }
}

static void answer_node(struct text *out, const struct state *state, const struct group *group,
                        const struct node *node) {
    char address[16];
    node_address(state, node, address);
    markup_open(out, "CacheNodes");
    markup_open(out, "CacheNode");
    markup_string(out, "CacheNodeId", "0001");
    markup_string(out, "CacheNodeStatus", node->lost_at_ms ? "creating" : node_status(group, node));
    markup_time(out, "CacheNodeCreateTime", group->created_at_ms);
    markup_open(out, "Endpoint");
    markup_string(out, "Address", address);
    markup_int(out, "Port", state->node_port);
    markup_close(out, "Endpoint");
    markup_string(out, "ParameterGroupStatus", "in-sync");
    markup_string(out, "CustomerAvailabilityZone", node->zone);
    markup_close(out, "CacheNode");
    markup_close(out, "CacheNodes");
}

static void answer_belongings(struct text *out, const struct group *group) {
    markup_empty(out, "PendingModifiedValues");
    markup_empty(out, "CacheSecurityGroups");
    markup_open(out, "CacheParameterGroup");
    markup_string(out, "CacheParameterGroupName", group->parameter_group);
    markup_string(out, "ParameterApplyStatus", "in-sync");
    markup_empty(out, "CacheNodeIdsToReboot");
    markup_close(out, "CacheParameterGroup");
    markup_string(out, "CacheSubnetGroupName", group->subnet_group);
    markup_bool(out, "AutoMinorVersionUpgrade", group->auto_minor_upgrade);
    markup_open(out, "SecurityGroups");
    for (size_t i = 0; i < group->security_groups.count; i++) {
        markup_open(out, "member");
        markup_string(out, "SecurityGroupId", group->security_groups.items[i]);
        markup_string(out, "Status", "active");
        markup_close(out, "member");
    }
    markup_close(out, "SecurityGroups");
}

static void answer_cluster(struct request *request, const struct group *group,
                           const struct node *node, bool with_nodes) {
    struct text *out = request->out;
    markup_open(out, "CacheCluster");
    markup_string(out, "CacheClusterId", node->id);
    markup_string(out, "CacheNodeType", group->node_type);
    markup_string(out, "Engine", group->engine);
    markup_string(out, "EngineVersion", node->engine_version);
    markup_string(out, "CacheClusterStatus", node_status(group, node));
    markup_int(out, "NumCacheNodes", 1);
    markup_string(out, "PreferredAvailabilityZone", node->zone);
    markup_time(out, "CacheClusterCreateTime", group->created_at_ms);
    markup_string(out, "PreferredMaintenanceWindow", group->maintenance_window);
    answer_belongings(out, group);
    if (with_nodes)
        answer_node(out, &request->endpoint->state, group, node);
    markup_string(out, "ReplicationGroupId", group->id);
    markup_int(out, "SnapshotRetentionLimit", group->snapshot_retention_days);
    kept_answer(out, PROPERTY_OF_MEMBER, group);
    markup_string(out, "SnapshotWindow", pairs_find(&group->kept, "snapshot_window"));
    markup_bool(out, "AuthTokenEnabled", group->access.tokens.count != 0);
    markup_bool(out, "TransitEncryptionEnabled", group->transit_encryption);
    markup_bool(out, "AtRestEncryptionEnabled", group->at_rest_encryption);
    if (group->transit_encryption)
        markup_string(out, "TransitEncryptionMode", transit_name(group_transit(group)));
    answer_arn(out, group->region, "cluster", node->id);
    markup_bool(out, "ReplicationGroupLogDeliveryEnabled", false);
    markup_string(out, "NetworkType", "ipv4");
    markup_string(out, "IpDiscovery", "ipv4");
    markup_close(out, "CacheCluster");
}

/* Counts the clusters that the request is about; with a slice, writes those in it. */
static size_t walk(struct request *request, const char *only, const struct slice *slice,
                   bool with_nodes) {
    const struct state *state = &request->endpoint->state;
    size_t at = 0;
    for (size_t i = 0; i < state->groups.count; i++) {
        const struct group *group = &state->groups.items[i];
        for (size_t k = 0; k < group->nodes.count; k++) {
            if (only && strcasecmp(only, group->nodes.items[k].id) != 0)
                continue;
            if (slice && at >= slice->first && at < slice->end)
                answer_cluster(request, group, &group->nodes.items[k], with_nodes);
            at++;
        }
    }
    return at;
}

bool serve_describe_cache_clusters(struct request *request) {
    const char *only = request_value(request, "CacheClusterId");
    struct slice slice = { 0, 0 };
    bool with_nodes = false, outside = false;
    if (!request_bool(request, "ShowCacheNodeInfo", &with_nodes) ||
        !request_bool(request, "ShowCacheClustersNotInReplicationGroups", &outside))
        return false;
    size_t total = outside && !only ? 0 : walk(request, only, NULL, false);
    if (only && !total)
        return refuse(request->refusal, API_ERROR_CACHE_CLUSTER_NOT_FOUND,
                      "CacheCluster not found: %s", only);
    if (!request_slice(request, total, &slice))
        return false;
    answer_marker(request, &slice, total);
    markup_open(request->out, "CacheClusters");
    if (total)
        walk(request, only, &slice, with_nodes);
    markup_close(request->out, "CacheClusters");
    return true;
}
