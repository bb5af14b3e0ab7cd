#include <stdlib.h>
#include <string.h>

#include "providers/local/actions/action.h"
#include "providers/local/actions/answers.h"
#include "providers/local/actions/kept.h"
#include "providers/local/actions/parameter_sets.h"
#include "providers/local/actions/security.h"
#include "providers/local/machine/ask.h"
#include "providers/local/service/phase.h"
#include "schemas/base/memory.h"

struct wish {
    struct security_wish security;
    bool automatic_failover, multi_az, minor_upgrade;
    int64_t snapshot_retention_days;
    const char *node_type, *parameter_group;
};

static bool check_parameter_group(struct request *request, const struct group *group,
                                  const char *name) {
    AUTO(parameter_set_clear) struct parameter_set set = { 0 };
    AUTO(string_free) char *family = engine_family(group->engine, group->engine_version);
    if (!name)
        return true;
    if (!parameter_set_find(request, name, &set))
        return false;
    if (set.cluster != group->cluster)
        return refuse(request->refusal, API_ERROR_PARAMETER_COMBINATION,
                      "The parameter group %s has cluster mode %s.", set.name,
                      set.cluster ? "enabled" : "disabled");
    return strcmp(set.family, family) == 0 ||
           refuse(request->refusal, API_ERROR_PARAMETER_COMBINATION,
                  "Expected a parameter group of family %s but found one of family %s", family,
                  set.family);
}

static bool check_engine(struct request *request, const struct group *group) {
    const char *engine = request_value(request, "Engine");
    const char *version = request_value(request, "EngineVersion");
    const struct engine *same =
        engines_pick(&request->endpoint->engines, engine ? engine : group->engine, version);
    if ((!engine && !version) || (same && strcmp(same->name, group->engine) == 0 &&
                                  strcmp(same->version, group->engine_version) == 0))
        return true;
    return refuse(request->refusal, API_ERROR_PARAMETER_COMBINATION,
                  "The local endpoint does not offer engine upgrades yet.");
}

static bool read_wish(struct request *request, const struct group *group, struct wish *wish) {
    wish->automatic_failover = group->automatic_failover;
    wish->multi_az = group->multi_az;
    wish->minor_upgrade = group->auto_minor_upgrade;
    wish->snapshot_retention_days = group->snapshot_retention_days;
    wish->node_type = request_value(request, "CacheNodeType");
    wish->parameter_group = request_value(request, "CacheParameterGroupName");
    if (!request_bool(request, "AutomaticFailoverEnabled", &wish->automatic_failover) ||
        !request_bool(request, "MultiAZEnabled", &wish->multi_az) ||
        !request_bool(request, "AutoMinorVersionUpgrade", &wish->minor_upgrade) ||
        !request_int(request, "SnapshotRetentionLimit", 0, 35, &wish->snapshot_retention_days) ||
        !check_parameter_group(request, group, wish->parameter_group) ||
        !check_engine(request, group))
        return false;
    if (wish->node_type && !node_type_find(wish->node_type))
        return refuse(request->refusal, API_ERROR_PARAMETER_VALUE, "Invalid cache node type: %s",
                      wish->node_type);
    if (request_value(request, "ClusterMode") || request_value(request, "PrimaryClusterId"))
        return refuse(request->refusal, API_ERROR_PARAMETER_COMBINATION,
                      "The local endpoint does not offer this change yet.");
    if (group->cluster && !wish->automatic_failover)
        return refuse(request->refusal, API_ERROR_PARAMETER_COMBINATION,
                      "Automatic failover must be enabled with cluster mode enabled.");
    if (wish->automatic_failover && group->nodes.count == group->shards.count && !group->cluster)
        return refuse(request->refusal, API_ERROR_PARAMETER_COMBINATION,
                      "Automatic failover needs at least one replica.");
    if (wish->multi_az && !wish->automatic_failover)
        return refuse(request->refusal, API_ERROR_PARAMETER_COMBINATION,
                      "Must have automatic failover enabled to enable multiAZ.");
    return security_of_change(request, group, &wish->security);
}

static void take_string(const struct request *request, const char *name, char **slot) {
    const char *value = request_value(request, name);
    if (value)
        string_replace(slot, value);
}

static void apply_parameters(struct endpoint *endpoint, const struct group *group) {
    const struct parameter_group *own =
        state_parameter_group(&endpoint->state, group->parameter_group);
    for (size_t i = 0; i < family_parameter_count; i++) {
        const char *value = own ? pairs_find(&own->values, family_parameters[i].name) : NULL;
        if (family_parameters[i].setting && family_parameters[i].immediate)
            nodes_configure(&endpoint->state, &group->nodes, family_parameters[i].setting,
                            value ? value : family_parameters[i].value);
    }
}

static void change(struct request *request, struct group *group, const struct wish *wish) {
    group->automatic_failover = wish->automatic_failover;
    group->multi_az = wish->multi_az;
    security_want(group, &wish->security);
    group->auto_minor_upgrade = wish->minor_upgrade;
    group->snapshot_retention_days = wish->snapshot_retention_days;
    take_string(request, "ReplicationGroupDescription", &group->description);
    take_string(request, "PreferredMaintenanceWindow", &group->maintenance_window);
    kept_take(request, false, group);
    AUTO(strings_clear) struct strings security_groups = { 0 };
    request_strings(request, "SecurityGroupIds.SecurityGroupId", &security_groups);
    if (security_groups.count)
        strings_clear(&group->security_groups);
    if (security_groups.count)
        strings_copy(&group->security_groups, &security_groups);
    if (wish->parameter_group) {
        const struct parameter_group *own =
            state_parameter_group(&request->endpoint->state, wish->parameter_group);
        string_replace(&group->parameter_group, own ? own->name : wish->parameter_group);
        apply_parameters(request->endpoint, group);
    }
    if (wish->node_type) {
        AUTO(string_free)
        char *bytes =
            xasprintf("%lld", (long long)node_type_find(wish->node_type)->maxmemory_bytes);
        string_replace(&group->node_type, wish->node_type);
        nodes_configure(&request->endpoint->state, &group->nodes, "maxmemory", bytes);
    }
}

bool serve_modify_replication_group(struct request *request) {
    struct group *group = NULL;
    struct wish wish = { 0 };
    bool done = request_available_group(request, &group) && read_wish(request, group, &wish);
    if (done) {
        change(request, group, &wish);
        group_enter(request->endpoint, group, PHASE_MODIFYING, request->endpoint->pace.modify_ms);
        answer_group(request, group);
    }
    security_wish_clear(&wish.security);
    return done;
}
