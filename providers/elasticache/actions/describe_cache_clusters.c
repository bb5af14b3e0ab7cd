#include <stdlib.h>
#include <string.h>

#include "providers/elasticache/actions/group.h"
#include "providers/elasticache/service.h"
#include "schemas/base/memory.h"

static void cluster_read(const struct xml *element, struct cache_cluster *out) {
    static const struct {
        const char *path;
        size_t offset;
    } rows[] = {
        { "CacheClusterId", offsetof(struct cache_cluster, id) },
        { "CacheClusterStatus", offsetof(struct cache_cluster, status) },
        { "Engine", offsetof(struct cache_cluster, engine) },
        { "CacheParameterGroup/CacheParameterGroupName",
          offsetof(struct cache_cluster, parameter_group) },
        { "PreferredMaintenanceWindow", offsetof(struct cache_cluster, maintenance_window) },
        { "CacheNodeType", offsetof(struct cache_cluster, node_type) },
    };
    for (size_t i = 0; i < COUNT(rows); i++)
        *(char **)((char *)out + rows[i].offset) = xstrdup(xml_text(element, rows[i].path));
    properties_read(element, PROPERTY_OF_MEMBER, &out->properties);
    const struct xml *groups = xml_find(element, "SecurityGroups");
    for (const struct xml *group = xml_first(groups, NULL); group; group = xml_next(group, NULL))
        if (xml_text(group, "SecurityGroupId"))
            strings_add(&out->security_groups, xml_text(group, "SecurityGroupId"));
    strings_sort(&out->security_groups);
}

bool elasticache_describe_cluster(struct elasticache *service, const char *cluster,
                                  int64_t deadline_mono_ms, struct cache_cluster *out,
                                  struct error *err) {
    AUTO(query_clear) struct query query = { 0 };
    AUTO(service_answer_clear) struct service_answer answer = { 0 };
    service_query(&action_describe_cache_clusters, &query);
    query_add(&query, "CacheClusterId", cluster);
    if (!service_call(service, &query, deadline_mono_ms, NULL, &answer, err))
        return false;
    const struct xml *found = xml_find(answer.result, "CacheClusters/CacheCluster");
    if (!found)
        return error_set(err, ERROR_NOT_FOUND, "there is no cache cluster '%s'", cluster);
    if (!xml_text(found, "CacheClusterId") || !xml_text(found, "CacheClusterStatus"))
        return error_set(err, ERROR_FORMAT, "the answer has a cache cluster without id or status");
    cache_cluster_clear(out);
    cluster_read(found, out);
    return true;
}

static struct service_node *find_node(struct replication_group *group, const char *cluster) {
    for (size_t s = 0; s < group->shards.count; s++) {
        struct service_shard *shard = &group->shards.items[s];
        for (size_t n = 0; n < shard->nodes.count; n++)
            if (shard->nodes.items[n].cluster_id &&
                strcmp(shard->nodes.items[n].cluster_id, cluster) == 0)
                return &shard->nodes.items[n];
    }
    return NULL;
}

static void read_page(void *context, const struct xml *result) {
    const struct xml *list = xml_find(result, "CacheClusters");
    for (const struct xml *item = xml_first(list, NULL); item; item = xml_next(item, NULL)) {
        const char *cluster = xml_text(item, "CacheClusterId");
        struct service_node *node = cluster ? find_node(context, cluster) : NULL;
        const struct xml *endpoint = xml_find(item, "CacheNodes/CacheNode/Endpoint");
        const char *host = endpoint ? xml_text(endpoint, "Address") : NULL;
        const char *port = endpoint ? xml_text(endpoint, "Port") : NULL;
        if (!node || node->endpoint.host || !host || !port)
            continue;
        node->endpoint.host = xstrdup(host);
        node->endpoint.port = strtoll(port, NULL, 10);
    }
}

bool elasticache_find_nodes(struct elasticache *service, int64_t deadline_mono_ms,
                            struct replication_group *group, struct error *err) {
    AUTO(query_clear) struct query query = { 0 };
    bool missing = false;
    for (size_t s = 0; s < group->shards.count; s++)
        for (size_t n = 0; n < group->shards.items[s].nodes.count; n++)
            missing |= !group->shards.items[s].nodes.items[n].endpoint.host;
    if (!missing || !group->cluster_enabled)
        return true;
    service_query(&action_describe_cache_clusters, &query);
    query_add(&query, "ShowCacheNodeInfo", "true");
    return service_pages(service, &query, deadline_mono_ms, read_page, group, err);
}

void cache_cluster_clear(struct cache_cluster *cluster) {
    free(cluster->id);
    free(cluster->status);
    free(cluster->engine);
    free(cluster->parameter_group);
    free(cluster->maintenance_window);
    free(cluster->node_type);
    pairs_clear(&cluster->properties);
    strings_clear(&cluster->security_groups);
    *cluster = (struct cache_cluster){ 0 };
}
