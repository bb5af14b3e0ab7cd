#include "providers/elasticache/actions/parameter_group.h"
#include "providers/elasticache/actions/tags.h"

bool parameter_group_create(struct elasticache *service, const struct new_parameter_group *group,
                            int64_t deadline_mono_ms, struct error *err) {
    AUTO(query_clear) struct query query = { 0 };
    service_query(&action_create_cache_parameter_group, &query);
    query_add(&query, "CacheParameterGroupName", group->name);
    query_add(&query, "CacheParameterGroupFamily", group->family);
    query_add(&query, "Description", group->description);
    query_add_tags(&query, NULL, group->tags);
    return service_act(service, &query, deadline_mono_ms, err);
}
