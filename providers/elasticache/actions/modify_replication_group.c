#include <string.h>

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
    return (!target.parameters.count && !change->own_parameter_group) ||
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
    if (change->snapshot_retention_days)
        query_add_int(&query, "SnapshotRetentionLimit", change->snapshot_retention_days);
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
    bool off = strcmp(mode, "off") == 0;
    service_query(&action_modify_replication_group, &query);
    query_add(&query, "ReplicationGroupId", group);
    query_add_bool(&query, "TransitEncryptionEnabled", !off);
    query_add(&query, "TransitEncryptionMode", off ? NULL : mode);
    return send(service, &query, deadline_mono_ms, err);
}

bool elasticache_authenticate(struct elasticache *service, const char *group,
                              const struct group_auth *auth, int64_t deadline_mono_ms,
                              struct error *err) {
    AUTO(query_clear) struct query query = { 0 };
    service_query(&action_modify_replication_group, &query);
    query_add(&query, "ReplicationGroupId", group);
    for (size_t i = 0; auth->user_groups && i < auth->user_groups->count; i++)
        query_add_item(&query, "UserGroupIdsToAdd.member", i + 1, NULL,
                       auth->user_groups->items[i]);
    if (auth->no_user_groups)
        query_add_bool(&query, "RemoveUserGroups", true);
    query_add(&query, "AuthTokenUpdateStrategy", auth->strategy);
    if (auth->token)
        query_add(&query, "AuthToken", secret_bytes(auth->token));
    bool sent = send(service, &query, deadline_mono_ms, err);
    if (query.body.bytes)
        secret_wipe(query.body.bytes, query.body.length);
    /* The service may quote what it refuses. */
    if (err->message)
        (void)secrets_mask(err->message, strlen(err->message));
    return sent;
}

bool elasticache_make_durable(struct elasticache *service, const char *group,
                              const char *durability, int64_t deadline_mono_ms, struct error *err) {
    AUTO(query_clear) struct query query = { 0 };
    service_query(&action_modify_replication_group, &query);
    query_add(&query, "ReplicationGroupId", group);
    query_add(&query, "Durability", durability);
    return send(service, &query, deadline_mono_ms, err);
}
