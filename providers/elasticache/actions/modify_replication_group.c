#include "providers/elasticache/actions/parameter_group.h"
#include "schemas/base/memory.h"

static bool send(struct elasticache *service, struct query *query, int64_t deadline_mono_ms,
                 struct error *err) {
    AUTO(xml_free) struct xml *answer = NULL;
    query_add_bool(query, "ApplyImmediately", true);
    return service_call(service, &action_modify_replication_group, query, deadline_mono_ms, NULL,
                        &answer, NULL, err);
}

static bool name_parameter_group(struct elasticache *service, const struct config_target *change,
                                 const struct config_target *now, bool cluster_mode,
                                 const struct pairs *run_tags, int64_t deadline_mono_ms, char **out,
                                 struct error *err) {
    struct config_target wanted = *now;
    wanted.replication_group = change->replication_group;
    wanted.parameters = change->parameters;
    if (change->engine_version) /* its family, which the same request brings the group into */
        wanted.engine_version = change->engine_version;
    return !change->parameters.count || parameter_group_make(service, &wanted, cluster_mode,
                                                             run_tags, deadline_mono_ms, out, err);
}

bool elasticache_modify(struct elasticache *service, const struct config_target *change,
                        const struct config_target *now, bool cluster_mode,
                        const struct pairs *run_tags, int64_t deadline_mono_ms, struct error *err) {
    AUTO(string_free) char *parameter_group = NULL;
    if (!name_parameter_group(service, change, now, cluster_mode, run_tags, deadline_mono_ms,
                              &parameter_group, err))
        return false;
    AUTO(query_clear) struct query query = { 0 };
    service_query(&action_modify_replication_group, &query);
    query_add(&query, "ReplicationGroupId", change->replication_group);
    query_add(&query, "EngineVersion", change->engine_version);
    query_add(&query, "CacheNodeType", change->node_type);
    query_add(&query, "CacheParameterGroupName", parameter_group);
    query_add(&query, "SnapshotWindow", change->snapshot_window);
    /* One is not to be had without the other. */
    if (change->multi_az == TRI_YES)
        query_add_bool(&query, "AutomaticFailoverEnabled", true);
    if (change->multi_az != TRI_UNSET)
        query_add_bool(&query, "MultiAZEnabled", change->multi_az == TRI_YES);
    for (size_t i = 0; i < change->security_groups.count; i++)
        query_add_item(&query, "SecurityGroupIds.SecurityGroupId", i + 1, NULL,
                       change->security_groups.items[i]);
    return send(service, &query, deadline_mono_ms, err);
}

bool elasticache_encrypt(struct elasticache *service, const char *group, const char *mode,
                         int64_t deadline_mono_ms, struct error *err) {
    AUTO(query_clear) struct query query = { 0 };
    service_query(&action_modify_replication_group, &query);
    query_add(&query, "ReplicationGroupId", group);
    query_add_bool(&query, "TransitEncryptionEnabled", true);
    query_add(&query, "TransitEncryptionMode", mode);
    return send(service, &query, deadline_mono_ms, err);
}
