#include <stdlib.h>

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
        { "EngineVersion", offsetof(struct cache_cluster, engine_version) },
        { "CacheParameterGroup/CacheParameterGroupName",
          offsetof(struct cache_cluster, parameter_group) },
        { "CacheSubnetGroupName", offsetof(struct cache_cluster, subnet_group) },
        { "PreferredMaintenanceWindow", offsetof(struct cache_cluster, maintenance_window) },
        { "CacheNodeType", offsetof(struct cache_cluster, node_type) },
    };
    for (size_t i = 0; i < COUNT(rows); i++)
        *(char **)((char *)out + rows[i].offset) = xstrdup(xml_text(element, rows[i].path));
    const struct xml *groups = xml_find(element, "SecurityGroups");
    for (const struct xml *group = xml_first(groups, NULL); group; group = xml_next(group, NULL))
        if (xml_text(group, "SecurityGroupId"))
            strings_add(&out->security_groups, xml_text(group, "SecurityGroupId"));
    strings_sort(&out->security_groups);
}

bool elasticache_describe_cluster(struct elasticache *service, const char *cluster,
                                  int64_t deadline_mono_ms, struct cache_cluster *out,
                                  struct error *err) {
    AUTO(xml_free) struct xml *answer = NULL;
    const struct xml *result = NULL;
    if (!service_ask(service, &action_describe_cache_clusters, "CacheClusterId", cluster,
                     deadline_mono_ms, &answer, &result, err))
        return false;
    const struct xml *found = xml_find(result, "CacheClusters/CacheCluster");
    if (!found)
        return error_set(err, ERROR_NOT_FOUND, "there is no cache cluster '%s'", cluster);
    if (!xml_text(found, "CacheClusterId") || !xml_text(found, "CacheClusterStatus"))
        return error_set(err, ERROR_FORMAT, "the answer has a cache cluster without id or status");
    cache_cluster_clear(out);
    cluster_read(found, out);
    return true;
}

void cache_cluster_clear(struct cache_cluster *cluster) {
    free(cluster->id);
    free(cluster->status);
    free(cluster->engine);
    free(cluster->engine_version);
    free(cluster->parameter_group);
    free(cluster->subnet_group);
    free(cluster->maintenance_window);
    free(cluster->node_type);
    strings_clear(&cluster->security_groups);
    *cluster = (struct cache_cluster){ 0 };
}
