#include "providers/elasticache/actions/group.h"
#include "providers/elasticache/actions/parameter_group.h"
#include "schemas/base/memory.h"

static bool send(struct elasticache *service, struct query *query, int64_t deadline_mono_ms,
                 struct error *err) {
    query_add_bool(query, "ApplyImmediately", true);
    return service_act(service, query, deadline_mono_ms, err);
}

static bool name_parameter_group(struct elasticache *service, const struct group_change *change,
                                 int64_t deadline_mono_ms, char **out, struct error *err) {
    struct config_target target = *change->present;
    target.replication_group = change->wanted->replication_group;
    target.parameters = change->wanted->parameters;
    if (change->wanted->engine_version) /* its family, which the same request brings the group to */
        target.engine_version = change->wanted->engine_version;
    const struct parameter_group_wish wish = { &target, change->cluster_mode, change->run_tags };
    return !target.parameters.count ||
           parameter_group_make(service, &wish, deadline_mono_ms, out, err);
}

bool elasticache_modify(struct elasticache *service, const struct group_change *change,
                        int64_t deadline_mono_ms, struct error *err) {
    const struct config_target *wanted = change->wanted;
    AUTO(string_free) char *parameter_group = NULL;
    if (!name_parameter_group(service, change, deadline_mono_ms, &parameter_group, err))
        return false;
    AUTO(query_clear) struct query query = { 0 };
    service_query(&action_modify_replication_group, &query);
    query_add(&query, "ReplicationGroupId", wanted->replication_group);
    properties_ask(wanted, true, &query);
    query_add(&query, "CacheParameterGroupName", parameter_group);
    /* One is not to be had without the other. */
    if (wanted->multi_az == TRI_YES)
        query_add_bool(&query, "AutomaticFailoverEnabled", true);
    if (wanted->multi_az != TRI_UNSET)
        query_add_bool(&query, "MultiAZEnabled", wanted->multi_az == TRI_YES);
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
