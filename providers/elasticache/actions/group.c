#include "providers/elasticache/actions/group.h"

#include <stdlib.h>
#include <string.h>

#include "schemas/base/memory.h"
#include "schemas/base/text.h"

static char *owned(const struct xml *element, const char *path) {
    return xstrdup(xml_text(element, path));
}

static struct service_endpoint endpoint_read(const struct xml *element) {
    return (struct service_endpoint){ owned(element, "Address"), xml_int(element, "Port", 0) };
}

static void strings_read(const struct xml *list, struct strings *out) {
    for (const struct xml *item = xml_first(list, NULL); item; item = xml_next(item, NULL))
        if (xml_text(item, ""))
            strings_add(out, xml_text(item, ""));
}

static void shard_read(const struct xml *element, struct service_shard *out) {
    out->id = owned(element, "NodeGroupId");
    out->status = owned(element, "Status");
    out->slots = owned(element, "Slots");
    out->primary = endpoint_read(xml_find(element, "PrimaryEndpoint"));
    out->reader = endpoint_read(xml_find(element, "ReaderEndpoint"));
    const struct xml *members = xml_find(element, "NodeGroupMembers");
    for (const struct xml *member = xml_first(members, "NodeGroupMember"); member;
         member = xml_next(member, "NodeGroupMember"))
        *LIST_ADD(&out->nodes) = (struct service_node){
            .cluster_id = owned(member, "CacheClusterId"),
            .role = owned(member, "CurrentRole"),
            .zone = owned(member, "PreferredAvailabilityZone"),
            .endpoint = endpoint_read(xml_find(member, "ReadEndpoint")),
        };
}

void properties_read(const struct xml *element, enum property_place place, struct pairs *out) {
    const struct target_property *property;
    for (size_t i = 0; (property = property_at(i)); i++)
        if (property->place == place && xml_text(element, property->path))
            pairs_set(out, property->name, xml_text(element, property->path));
}

static void ask_one(const struct target_property *property, const struct config_target *target,
                    struct query *query) {
    AUTO(string_free) char *value = property_wanted(property, target);
    if (value && property->type == PROPERTY_SWITCH)
        query_add_bool(query, property->parameter, strcmp(value, "enabled") == 0);
    else
        query_add(query, property->parameter, value);
}

void properties_ask(const struct config_target *target, bool changes, struct query *query) {
    const struct target_property *property;
    for (size_t i = 0; (property = property_at(i)); i++) {
        if (!property->parameter || (changes && property->fixed))
            continue;
        if (property->type != PROPERTY_LIST) {
            ask_one(property, target, query);
            continue;
        }
        const struct strings *list = property_list(property, target);
        for (size_t k = 0; k < list->count; k++)
            query_add_item(query, property->parameter, k + 1, NULL, list->items[k]);
    }
}

static void settings_read(const struct xml *element, struct replication_group *out) {
    properties_read(element, PROPERTY_OF_GROUP, &out->properties);
    out->arn = owned(element, "ARN");
    out->engine = owned(element, "Engine");
    out->node_type = owned(element, "CacheNodeType");
    out->description = owned(element, "Description");
    out->automatic_failover = owned(element, "AutomaticFailover");
    out->data_tiering = owned(element, "DataTiering");
    out->effective_durability = owned(element, "EffectiveDurability");
    out->global_datastore = owned(element, "GlobalReplicationGroupInfo/GlobalReplicationGroupId");
    out->cluster_mode = owned(element, "ClusterMode");
    out->transit_mode = owned(element, "TransitEncryptionMode");
    out->cluster_enabled = xml_bool(element, "ClusterEnabled");
    out->auth_token = xml_bool(element, "AuthTokenEnabled");
    out->transit_encryption = xml_bool(element, "TransitEncryptionEnabled");
    out->at_rest_encryption = xml_bool(element, "AtRestEncryptionEnabled");
    out->snapshot_retention_days = xml_int(element, "SnapshotRetentionLimit", 0);
}

/* Every value with the name of its element, including those that the service added later. */
static void add_pending(const struct xml *element, struct text *out) {
    for (const struct xml *item = xml_first(element, NULL); item; item = xml_next(item, NULL)) {
        if (xml_text(item, ""))
            text_addf(out, "%s%s %s", out->length ? ", " : "", xml_name(item), xml_text(item, ""));
        add_pending(item, out);
    }
}

static char *pending_text(const struct xml *pending) {
    AUTO(text_clear) struct text text = { 0 };
    add_pending(pending, &text);
    return text.length ? text_take(&text) : NULL;
}

static int by_id(const void *left, const void *right) {
    const struct service_shard *a = left, *b = right;
    return strcmp(a->id ? a->id : "", b->id ? b->id : "");
}

bool group_read(const struct xml *element, struct replication_group *out, struct error *err) {
    if (!xml_text(element, "ReplicationGroupId") || !xml_text(element, "Status"))
        return error_set(err, ERROR_FORMAT, "the answer has a replication group without %s",
                         xml_text(element, "Status") ? "an id" : "a status");
    replication_group_clear(out);
    out->id = owned(element, "ReplicationGroupId");
    out->status = owned(element, "Status");
    settings_read(element, out);
    strings_read(xml_find(element, "UserGroupIds"), &out->user_groups);
    strings_read(xml_find(element, "MemberClusters"), &out->member_clusters);
    const struct xml *pending = xml_find(element, "PendingModifiedValues");
    out->pending_changes = xml_has_content(pending);
    out->pending = pending_text(pending);
    out->outpost = xml_has_content(xml_find(element, "MemberClustersOutpostArns"));
    out->configuration = endpoint_read(xml_find(element, "ConfigurationEndpoint"));
    const struct xml *shards = xml_find(element, "NodeGroups");
    for (const struct xml *shard = xml_first(shards, "NodeGroup"); shard;
         shard = xml_next(shard, "NodeGroup"))
        shard_read(shard, LIST_ADD(&out->shards));
    /* The service promises no order, and facts are compared by their place. */
    if (out->shards.count > 1)
        qsort(out->shards.items, out->shards.count, sizeof *out->shards.items, by_id);
    return true;
}

static void shard_clear(struct service_shard *shard) {
    for (size_t i = 0; i < shard->nodes.count; i++) {
        struct service_node *node = &shard->nodes.items[i];
        free(node->cluster_id);
        free(node->role);
        free(node->zone);
        free(node->endpoint.host);
    }
    free(shard->nodes.items);
    free(shard->id);
    free(shard->status);
    free(shard->slots);
    free(shard->primary.host);
    free(shard->reader.host);
}

void replication_group_clear(struct replication_group *group) {
    char *const owned_strings[] = {
        group->id,
        group->status,
        group->arn,
        group->engine,
        group->node_type,
        group->description,
        group->data_tiering,
        group->effective_durability,
        group->cluster_mode,
        group->global_datastore,
        group->transit_mode,
        group->pending,
        group->automatic_failover,
        group->configuration.host,
    };
    for (size_t i = 0; i < COUNT(owned_strings); i++)
        free(owned_strings[i]);
    for (size_t i = 0; i < group->shards.count; i++)
        shard_clear(&group->shards.items[i]);
    free(group->shards.items);
    pairs_clear(&group->properties);
    strings_clear(&group->user_groups);
    strings_clear(&group->member_clusters);
    *group = (struct replication_group){ 0 };
}
